// SPDX-License-Identifier: Apache-2.0
// Tokens of a key broker: request, challenge, attestation, response. Source: Confidential Containers, Trustee's
// kbs/docs/kbs_attestation_protocol.md (version 0.4.0), and guest-components, attestation-agent, revision 8246e5e (what
// GetToken("kbs") returns).
#pragma once

#include <optional>
#include <string>

#include "agent/attestation/config.hpp"
#include "agent/attestation/tokens.hpp"
#include "agent/evidence/source.hpp"
#include "common/jose/jwk.hpp"
#include "common/kbs/guest_client.hpp"

namespace hallmark::attestation {

/// {"token": the token, "tee_keypair": the key in PEM to which secrets will be encrypted}; a new key for each token.
class KbsTokens final : public TokenModule {
public:
    /// `evidence` outlives this. `init_data` is the document that the launch was bound to, where there is one: the
    /// broker gets it too.
    KbsTokens(const Config& config, guest::EvidenceSource& evidence, std::optional<std::string> init_data);

    std::expected<Token, Failure> get() override;

private:
    kbs::GuestAccess access_;
    jose::KeyKind key_kind_;
    guest::EvidenceSource& evidence_;
    std::optional<std::string> init_data_;
};

}  // namespace hallmark::attestation
