// SPDX-License-Identifier: Apache-2.0
// What the verifier makes of evidence that is authentic. Whether it is good enough is for a policy to say.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "common/bytes.hpp"
#include "common/json.hpp"

namespace hallmark::verifier {

enum class Tee { kSnp, kTdx };

/// "snp", "tdx": as the KBS protocol names them, and the key of the claims in a token.
std::string_view name_of(Tee tee);

/// Authentic evidence. Everything here was signed by the platform, or replays to what it signed.
struct Verified {
    Tee tee = Tee::kSnp;
    bool simulated = false;  ///< signed under a simulated root that the caller named
    /// A flat object under the names of Trustee's verifiers ("measurement", "reported_tcb_snp", "rtmr_1"); digests in
    /// lowercase hexadecimal.
    Json claims = Json::object();
    std::array<std::uint8_t, 64> report_data{};
    Bytes init_data;  ///< HOSTDATA (32 bytes) or MRCONFIGID (48)
};

}  // namespace hallmark::verifier
