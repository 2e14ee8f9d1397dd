// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <ctime>
#include <optional>

#include "common/formats/snp_report.hpp"
#include "common/openssl.hpp"
#include "relying-party/verifier/snp/endorsement_key.hpp"

namespace hallmark::verifier {

/// The report was signed by the key of this certificate, and nothing else is said of it.
Status verify_signature(const snp::AttestationReport& report, const X509& certificate);

/// The report tells the chip, the TCB and the line of processors that its key stands for. Only under a simulated root
/// may it tell a CPU that is older than SNP, which a Milan plays.
Status check_platform(const snp::AttestationReport& report, const EndorsementKey& key, bool simulated);

/// Whether the platform hides which chip it is: the identifier is zero (MASK_CHIP_ID, and under a VLEK).
bool is_chip_id_masked(const snp::AttestationReport& report);

/// What the challenger knows and the report must repeat.
struct Expected {
    std::array<std::uint8_t, 64> report_data{};
    std::array<std::uint8_t, 32> host_data{};
    std::uint64_t policy = snp::kPolicySmtAllowed | snp::kPolicyReservedMustBeOne;
};

/// Policy: fresh, of a guest at VMPL 0, without debugging, launched as expected. The measurement is the caller's to
/// compare: it may be one of several.
Status appraise(const snp::AttestationReport& report, const Expected& expected);

/// Bytes, authenticity and policy in that order, under one root (DER) and no other; returns the report.
Result<snp::AttestationReport> prove(ByteSpan report, ByteSpan certificate_table, ByteSpan trusted_root,
                                     const Expected& expected, std::optional<std::time_t> at = std::nullopt);

}  // namespace hallmark::verifier
