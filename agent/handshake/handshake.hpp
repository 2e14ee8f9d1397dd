// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "agent/attestation/bound_init_data.hpp"
#include "agent/evidence/source.hpp"
#include "agent/handshake/account.hpp"
#include "common/jose/jwk.hpp"
#include "common/kbs/guest_client.hpp"

namespace hallmark::handshake {

struct Plan {
    kbs::GuestAccess access;
    jose::KeyKind key_kind = jose::KeyKind::kP256;
    std::optional<attestation::InitData> init_data{};  ///< what the launch was bound to; the broker gets it too
    std::string resource{};                            ///< REPOSITORY/TYPE/TAG; empty: none is asked for
    std::string output{};                              ///< the file that the secret is put into; empty: into none
};

/// One handshake with fresh evidence, up to the first step that fails. Granted: the secret came, or where none is asked
/// for, the verdict on this guest is affirming (or the token has none). `evidence` may be an error: then that is the
/// first step's.
Account shake_hands(const Plan& plan, const Result<std::unique_ptr<guest::EvidenceSource>>& evidence);

}  // namespace hallmark::handshake
