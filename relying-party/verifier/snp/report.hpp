// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <ctime>
#include <optional>

#include "common/formats/snp_report.hpp"
#include "relying-party/verifier/snp/chain.hpp"

namespace hallmark::verifier {

/// Authenticity: the report was signed by the key of this VCEK, whose extensions tell the same chip and TCB.
Status verify_signature(const snp::AttestationReport& report, const X509& vcek);

/// What the challenger knows and the report must repeat.
struct Expected {
    std::array<std::uint8_t, 64> report_data{};
    std::array<std::uint8_t, 32> host_data{};
    std::uint64_t policy = snp::kPolicySmtAllowed | snp::kPolicyReservedMustBeOne;
};

/// Policy: fresh, of a guest at VMPL 0, without debugging, launched as expected. The measurement is the caller's to
/// compare: it may be one of several.
Status appraise(const snp::AttestationReport& report, const Expected& expected);

/// Bytes, authenticity and policy in that order; returns the report.
Result<snp::AttestationReport> prove(ByteSpan report, ByteSpan certificate_table, ByteSpan trusted_root,
                                     const Expected& expected, std::optional<std::time_t> at = std::nullopt);

}  // namespace hallmark::verifier
