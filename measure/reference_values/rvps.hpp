// SPDX-License-Identifier: Apache-2.0
// Messages for Trustee's reference value provider service (RVPS), of type "sample": a flat object of values under the
// names that Trustee's default attestation policy for SEV-SNP reads.
// Source: confidential-containers/trustee v0.21.0, rvps/src/extractors/sample and the default CPU policy.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "measure/reference_values/reference_values.hpp"

namespace hallmark {

constexpr std::string_view kRvpsMessageFile = "rvps-message.json";
constexpr std::string_view kPlatformValuesFile = "platform-values.json";

/// Only what follows from the image: its launch digests, and what the policy to launch with says.
std::string rvps_message(const SnpReferenceValues& values);

/// What only the owner of a platform can vouch for.
struct SnpPlatformValues {
    // Accepted security patch levels of the reported TCB.
    std::vector<std::uint8_t> bootloader;
    std::vector<std::uint8_t> tee;
    std::vector<std::uint8_t> snp;
    std::vector<std::uint8_t> microcode;
    bool smt_enabled = false;
    bool tsme_enabled = false;
};

/// The same kind of message for a platform.
std::string rvps_message(const SnpPlatformValues& values);

}  // namespace hallmark
