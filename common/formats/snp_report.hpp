// SPDX-License-Identifier: Apache-2.0
// SEV-SNP attestation report.
// Source: AMD "SEV Secure Nested Paging Firmware ABI Specification", publication 56860, revision 1.58, section 7.3
// (MSG_REPORT_REQ, MSG_REPORT_RSP), tables "ATTESTATION_REPORT", "TCB_VERSION", "Signature Formats" (chapter 10).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "common/bytes.hpp"
#include "common/endian.hpp"
#include "common/result.hpp"

namespace hallmark::snp {

/// Bits of the guest policy (section 4.3).
constexpr std::uint64_t kPolicySmtAllowed = 1ULL << 16;
constexpr std::uint64_t kPolicyReservedMustBeOne = 1ULL << 17;
constexpr std::uint64_t kPolicyDebugAllowed = 1ULL << 19;

/// SIGNATURE_ALGO 1: ECDSA P-384 with SHA-384 (chapter 10).
constexpr std::uint32_t kEcdsaP384Sha384 = 1;

/// TCB_VERSION: eight bytes whose meaning depends on the product.
using TcbVersion = std::array<std::uint8_t, 8>;

/// ECDSA P-384 signature: r and s little-endian, zero-extended to 72 bytes.
struct Signature {
    std::array<std::uint8_t, 72> r{};
    std::array<std::uint8_t, 72> s{};
    std::array<std::uint8_t, 368> reserved_090{};
};
static_assert(sizeof(Signature) == 0x200);

struct FirmwareVersion {
    std::uint8_t build = 0;
    std::uint8_t minor = 0;
    std::uint8_t major = 0;
    std::uint8_t reserved_3 = 0;
};
static_assert(sizeof(FirmwareVersion) == 4);

/// ATTESTATION_REPORT, 1184 bytes. Fields from 0x188 on have a meaning from version 3 (family, model, stepping) and
/// version 5 (mitigation vectors).
struct AttestationReport {
    Le32 version;                                      // 000
    Le32 guest_svn;                                    // 004
    Le64 policy;                                       // 008
    std::array<std::uint8_t, 16> family_id{};          // 010
    std::array<std::uint8_t, 16> image_id{};           // 020
    Le32 vmpl;                                         // 030
    Le32 signature_algorithm;                          // 034
    TcbVersion current_tcb{};                          // 038
    Le64 platform_info;                                // 040
    Le32 key_info;                                     // 048
    std::array<std::uint8_t, 4> reserved_04c{};        // 04c
    std::array<std::uint8_t, 64> report_data{};        // 050
    std::array<std::uint8_t, 48> measurement{};        // 090
    std::array<std::uint8_t, 32> host_data{};          // 0c0
    std::array<std::uint8_t, 48> id_key_digest{};      // 0e0
    std::array<std::uint8_t, 48> author_key_digest{};  // 110
    std::array<std::uint8_t, 32> report_id{};          // 140
    std::array<std::uint8_t, 32> report_id_ma{};       // 160
    TcbVersion reported_tcb{};                         // 180
    std::uint8_t cpuid_family = 0;                     // 188
    std::uint8_t cpuid_model = 0;                      // 189
    std::uint8_t cpuid_stepping = 0;                   // 18a
    std::array<std::uint8_t, 21> reserved_18b{};       // 18b
    std::array<std::uint8_t, 64> chip_id{};            // 1a0
    TcbVersion committed_tcb{};                        // 1e0
    FirmwareVersion current_version;                   // 1e8
    FirmwareVersion committed_version;                 // 1ec
    TcbVersion launch_tcb{};                           // 1f0
    Le64 launch_mitigation_vector;                     // 1f8
    Le64 current_mitigation_vector;                    // 200
    std::array<std::uint8_t, 152> reserved_208{};      // 208
    Signature signature;                               // 2a0
};

/// The signature covers bytes 0 to 0x29f.
constexpr std::size_t kSignedSize = 0x2a0;

static_assert(sizeof(AttestationReport) == 0x4a0 && alignof(AttestationReport) == 1);
static_assert(offsetof(AttestationReport, policy) == 0x008);
static_assert(offsetof(AttestationReport, family_id) == 0x010);
static_assert(offsetof(AttestationReport, image_id) == 0x020);
static_assert(offsetof(AttestationReport, vmpl) == 0x030);
static_assert(offsetof(AttestationReport, signature_algorithm) == 0x034);
static_assert(offsetof(AttestationReport, current_tcb) == 0x038);
static_assert(offsetof(AttestationReport, platform_info) == 0x040);
static_assert(offsetof(AttestationReport, key_info) == 0x048);
static_assert(offsetof(AttestationReport, report_data) == 0x050);
static_assert(offsetof(AttestationReport, measurement) == 0x090);
static_assert(offsetof(AttestationReport, host_data) == 0x0c0);
static_assert(offsetof(AttestationReport, id_key_digest) == 0x0e0);
static_assert(offsetof(AttestationReport, author_key_digest) == 0x110);
static_assert(offsetof(AttestationReport, report_id) == 0x140);
static_assert(offsetof(AttestationReport, report_id_ma) == 0x160);
static_assert(offsetof(AttestationReport, reported_tcb) == 0x180);
static_assert(offsetof(AttestationReport, cpuid_family) == 0x188);
static_assert(offsetof(AttestationReport, cpuid_model) == 0x189);
static_assert(offsetof(AttestationReport, cpuid_stepping) == 0x18a);
static_assert(offsetof(AttestationReport, chip_id) == 0x1a0);
static_assert(offsetof(AttestationReport, committed_tcb) == 0x1e0);
static_assert(offsetof(AttestationReport, current_version) == 0x1e8);
static_assert(offsetof(AttestationReport, committed_version) == 0x1ec);
static_assert(offsetof(AttestationReport, launch_tcb) == 0x1f0);
static_assert(offsetof(AttestationReport, launch_mitigation_vector) == 0x1f8);
static_assert(offsetof(AttestationReport, current_mitigation_vector) == 0x200);
static_assert(offsetof(AttestationReport, signature) == kSignedSize);

/// Exactly 1184 bytes of version 2 to 5; anything else is an error. The content is not judged.
Result<AttestationReport> parse_report(ByteSpan bytes);

}  // namespace hallmark::snp
