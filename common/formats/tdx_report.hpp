// SPDX-License-Identifier: Apache-2.0
// TDREPORT: what the TDX module says of a trust domain to a quoting enclave on the same machine.
// Source: Intel "TDX Module ABI Reference Specification", 348551-004, sections TDREPORT_STRUCT, REPORTMACSTRUCT,
// TEE_TCB_INFO and TDINFO_STRUCT.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "common/bytes.hpp"
#include "common/endian.hpp"
#include "common/result.hpp"

namespace hallmark::tdx {

/// The value of a measurement register, or of what is measured once: SHA-384.
using Measurement = std::array<std::uint8_t, 48>;

/// Bits of a TD's attributes.
constexpr std::uint64_t kAttributeDebug = 1ULL << 0;
constexpr std::uint64_t kAttributeSeptVeDisable = 1ULL << 28;
constexpr std::uint64_t kAttributePks = 1ULL << 30;
constexpr std::uint64_t kAttributeKeyLocker = 1ULL << 31;
constexpr std::uint64_t kAttributePerfmon = 1ULL << 63;

/// The type of a TDX report, and of the TEE that a quote is for.
constexpr std::uint8_t kTeeTypeTdx = 0x81;

struct ReportMac {
    std::uint8_t type = kTeeTypeTdx;             // 00
    std::uint8_t subtype = 0;                    // 01
    std::uint8_t version = 0;                    // 02: 0, or 1 where TDINFO has a hash of service TDs
    std::uint8_t reserved_03 = 0;                // 03
    std::array<std::uint8_t, 12> reserved_04{};  // 04
    std::array<std::uint8_t, 16> cpu_svn{};      // 10
    Measurement tee_tcb_info_hash{};             // 20: SHA-384 of TeeTcbInfo
    Measurement tee_info_hash{};                 // 50: SHA-384 of TdInfo
    std::array<std::uint8_t, 64> report_data{};  // 80
    std::array<std::uint8_t, 32> reserved_c0{};  // c0
    std::array<std::uint8_t, 32> mac{};          // e0
};
static_assert(sizeof(ReportMac) == 0x100 && alignof(ReportMac) == 1);
static_assert(offsetof(ReportMac, subtype) == 0x01 && offsetof(ReportMac, version) == 0x02);
static_assert(offsetof(ReportMac, reserved_03) == 0x03 && offsetof(ReportMac, reserved_04) == 0x04);
static_assert(offsetof(ReportMac, cpu_svn) == 0x10 && offsetof(ReportMac, tee_tcb_info_hash) == 0x20);
static_assert(offsetof(ReportMac, tee_info_hash) == 0x50 && offsetof(ReportMac, report_data) == 0x80);
static_assert(offsetof(ReportMac, reserved_c0) == 0xc0 && offsetof(ReportMac, mac) == 0xe0);

struct TeeTcbInfo {
    std::array<std::uint8_t, 8> valid{};          // 00
    std::array<std::uint8_t, 16> tee_tcb_svn{};   // 08
    Measurement mr_seam{};                        // 18
    Measurement mr_signer_seam{};                 // 48
    Le64 attributes;                              // 78
    std::array<std::uint8_t, 16> tee_tcb_svn2{};  // 80
    std::array<std::uint8_t, 95> reserved_90{};   // 90
};
static_assert(sizeof(TeeTcbInfo) == 0xef && alignof(TeeTcbInfo) == 1);
static_assert(offsetof(TeeTcbInfo, tee_tcb_svn) == 0x08 && offsetof(TeeTcbInfo, mr_seam) == 0x18);
static_assert(offsetof(TeeTcbInfo, mr_signer_seam) == 0x48 && offsetof(TeeTcbInfo, attributes) == 0x78);
static_assert(offsetof(TeeTcbInfo, tee_tcb_svn2) == 0x80 && offsetof(TeeTcbInfo, reserved_90) == 0x90);

struct TdInfo {
    Le64 attributes;                              // 000
    Le64 xfam;                                    // 008
    Measurement mr_td{};                          // 010
    Measurement mr_config_id{};                   // 040
    Measurement mr_owner{};                       // 070
    Measurement mr_owner_config{};                // 0a0
    std::array<Measurement, 4> rtmr{};            // 0d0
    Measurement service_td_hash{};                // 190
    std::array<std::uint8_t, 64> reserved_1c0{};  // 1c0
};
static_assert(sizeof(TdInfo) == 0x200 && alignof(TdInfo) == 1);
static_assert(offsetof(TdInfo, xfam) == 0x008 && offsetof(TdInfo, mr_td) == 0x010);
static_assert(offsetof(TdInfo, mr_config_id) == 0x040 && offsetof(TdInfo, mr_owner) == 0x070);
static_assert(offsetof(TdInfo, mr_owner_config) == 0x0a0 && offsetof(TdInfo, rtmr) == 0x0d0);
static_assert(offsetof(TdInfo, service_td_hash) == 0x190 && offsetof(TdInfo, reserved_1c0) == 0x1c0);

struct TdReport {
    ReportMac mac;                                // 000
    TeeTcbInfo tee_tcb_info;                      // 100
    std::array<std::uint8_t, 17> reserved_1ef{};  // 1ef
    TdInfo td_info;                               // 200
};
static_assert(sizeof(TdReport) == 0x400 && alignof(TdReport) == 1);
static_assert(offsetof(TdReport, tee_tcb_info) == 0x100 && offsetof(TdReport, reserved_1ef) == 0x1ef);
static_assert(offsetof(TdReport, td_info) == 0x200);

/// Exactly 1024 bytes of type 0x81; anything else is an error. Neither hashes nor MAC are judged.
Result<TdReport> parse_td_report(ByteSpan bytes);

}  // namespace hallmark::tdx
