// SPDX-License-Identifier: Apache-2.0
// In what the versions of the KBS protocol differ.
// Source: Confidential Containers, Trustee's kbs/docs/kbs_attestation_protocol.md and the history of virtee/kbs-types.
#pragma once

#include <string_view>

namespace hallmark::kbs {

struct Version {
    std::string_view number;
    /// The body of attest has runtime-data {nonce, tee-pubkey} and init-data; before, tee-pubkey stands alone.
    bool runtime_data = true;
    /// tee-evidence is {primary_evidence, additional_evidence}; before, it is the evidence of the one TEE, as JSON or
    /// as a text that holds JSON.
    bool composite_evidence = true;
    /// The text of the additional evidence goes into the primary report data.
    bool additional_in_report_data = true;
};

/// The newest version first.
inline constexpr Version kVersions[] = {
    {.number = "0.4.0"},
    {.number = "0.3.0", .runtime_data = false},
    {.number = "0.2.0", .runtime_data = false, .composite_evidence = false, .additional_in_report_data = false},
};

/// Null where it is not spoken here: exactly these, no ranges.
constexpr const Version* find_version(std::string_view number) {
    for (const auto& version : kVersions)
        if (version.number == number) return &version;
    return nullptr;
}

}  // namespace hallmark::kbs
