// SPDX-License-Identifier: Apache-2.0
// Quotes of trust domains: TDREPORT as a quoting enclave signs it for others. Versions 4 and 5.
// Source: Intel "TDX DCAP: Quote Generation Library and Quote Verification Library", revision 0.9, appendix A.3
// (version 4) and A.4 (version 5); "SGX Programming Reference", REPORT.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "common/bytes.hpp"
#include "common/endian.hpp"
#include "common/formats/tdx_report.hpp"
#include "common/result.hpp"

namespace hallmark::tdx {

/// Longer buffers are not read, in bytes; a quote with its certificates has 5000.
constexpr std::size_t kLargestQuote = std::size_t{64} * 1024;

/// Attestation key type 2: ECDSA P-256 with SHA-256.
constexpr std::uint16_t kEcdsaP256Sha256 = 2;
/// QE Vendor ID of Intel's quoting enclave, in the order of its bytes.
constexpr std::array<std::uint8_t, 16> kIntelVendorId = {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
                                                         0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};

struct QuoteHeader {
    Le16 version;                               // 00: 4 or 5
    Le16 attestation_key_type;                  // 02
    Le32 tee_type;                              // 04
    std::array<std::uint8_t, 4> reserved_08{};  // 08
    std::array<std::uint8_t, 16> vendor_id{};   // 0c
    std::array<std::uint8_t, 20> user_data{};   // 1c
};
static_assert(sizeof(QuoteHeader) == 48 && alignof(QuoteHeader) == 1);
static_assert(offsetof(QuoteHeader, attestation_key_type) == 0x02 && offsetof(QuoteHeader, tee_type) == 0x04);
static_assert(offsetof(QuoteHeader, reserved_08) == 0x08 && offsetof(QuoteHeader, vendor_id) == 0x0c);
static_assert(offsetof(QuoteHeader, user_data) == 0x1c);

/// What a quote of version 5 has between header and body.
struct QuoteBodyDescriptor {
    Le16 type;  // 00
    Le32 size;  // 02
};
static_assert(sizeof(QuoteBodyDescriptor) == 6 && offsetof(QuoteBodyDescriptor, size) == 2);

/// Body types of version 5. A quote of version 4 has the first, unnamed.
enum class BodyType : std::uint16_t {
    kTd10 = 2,
    kTd15 = 3,
};

/// "TD Report for TDX 1.0".
struct QuoteBody {
    std::array<std::uint8_t, 16> tee_tcb_svn{};  // 000
    Measurement mr_seam{};                       // 010
    Measurement mr_signer_seam{};                // 040
    Le64 seam_attributes;                        // 070
    Le64 td_attributes;                          // 078
    Le64 xfam;                                   // 080
    Measurement mr_td{};                         // 088
    Measurement mr_config_id{};                  // 0b8
    Measurement mr_owner{};                      // 0e8
    Measurement mr_owner_config{};               // 118
    std::array<Measurement, 4> rtmr{};           // 148
    std::array<std::uint8_t, 64> report_data{};  // 208
};
static_assert(sizeof(QuoteBody) == 584 && alignof(QuoteBody) == 1);
static_assert(offsetof(QuoteBody, mr_seam) == 0x010 && offsetof(QuoteBody, mr_signer_seam) == 0x040);
static_assert(offsetof(QuoteBody, seam_attributes) == 0x070 && offsetof(QuoteBody, td_attributes) == 0x078);
static_assert(offsetof(QuoteBody, xfam) == 0x080 && offsetof(QuoteBody, mr_td) == 0x088);
static_assert(offsetof(QuoteBody, mr_config_id) == 0x0b8 && offsetof(QuoteBody, mr_owner) == 0x0e8);
static_assert(offsetof(QuoteBody, mr_owner_config) == 0x118 && offsetof(QuoteBody, rtmr) == 0x148);
static_assert(offsetof(QuoteBody, report_data) == 0x208);

/// What "TD Report for TDX 1.5" has behind that.
struct QuoteBodyExtension {
    std::array<std::uint8_t, 16> tee_tcb_svn2{};  // 248
    Measurement mr_service_td{};                  // 258
};
static_assert(sizeof(QuoteBodyExtension) == 64 && offsetof(QuoteBodyExtension, mr_service_td) == 0x10);

/// REPORT of an SGX enclave: here the quoting enclave's.
struct EnclaveReport {
    std::array<std::uint8_t, 16> cpu_svn{};       // 000
    Le32 misc_select;                             // 010
    std::array<std::uint8_t, 28> reserved_014{};  // 014
    std::array<std::uint8_t, 16> attributes{};    // 030
    std::array<std::uint8_t, 32> mr_enclave{};    // 040
    std::array<std::uint8_t, 32> reserved_060{};  // 060
    std::array<std::uint8_t, 32> mr_signer{};     // 080
    std::array<std::uint8_t, 96> reserved_0a0{};  // 0a0
    Le16 isv_prod_id;                             // 100
    Le16 isv_svn;                                 // 102
    std::array<std::uint8_t, 60> reserved_104{};  // 104
    std::array<std::uint8_t, 64> report_data{};   // 140: SHA-256 of attestation key and authentication data, then 0
};
static_assert(sizeof(EnclaveReport) == 384 && alignof(EnclaveReport) == 1);
static_assert(offsetof(EnclaveReport, misc_select) == 0x010 && offsetof(EnclaveReport, reserved_014) == 0x014);
static_assert(offsetof(EnclaveReport, attributes) == 0x030 && offsetof(EnclaveReport, mr_enclave) == 0x040);
static_assert(offsetof(EnclaveReport, reserved_060) == 0x060 && offsetof(EnclaveReport, mr_signer) == 0x080);
static_assert(offsetof(EnclaveReport, reserved_0a0) == 0x0a0 && offsetof(EnclaveReport, isv_prod_id) == 0x100);
static_assert(offsetof(EnclaveReport, isv_svn) == 0x102 && offsetof(EnclaveReport, reserved_104) == 0x104);
static_assert(offsetof(EnclaveReport, report_data) == 0x140);

/// r and s of ECDSA P-256, or x and y of a point, big-endian.
using P256Pair = std::array<std::uint8_t, 64>;

/// Certification data: type and size, then what the type says.
struct CertificationHeader {
    Le16 type;  // 00
    Le32 size;  // 02
};
static_assert(sizeof(CertificationHeader) == 6 && offsetof(CertificationHeader, size) == 2);

constexpr std::uint16_t kCertifiedByQeReport = 6;
constexpr std::uint16_t kCertifiedByPckChain = 5;  ///< PEM: PCK leaf, CA, root

/// A quote. Bytes of variable length are borrowed from the buffer that was read.
struct Quote {
    QuoteHeader header;
    BodyType body_type = BodyType::kTd10;
    QuoteBody body;
    QuoteBodyExtension extension;  ///< zero where the body type has none
    ByteSpan signed_bytes;         ///< header, descriptor and body: what the attestation key signs

    P256Pair signature{};
    P256Pair attestation_key{};
    EnclaveReport qe_report;
    P256Pair qe_signature{};       ///< over qe_report, by the PCK
    ByteSpan authentication_data;  ///< of the quoting enclave, at most 65535 bytes
    std::uint16_t certification_type = kCertifiedByPckChain;
    ByteSpan certification;  ///< PEM, where the type is kCertifiedByPckChain
};

/// A quote of a TD at the begin of a buffer; behind it only zeros may stand. Other versions, key types, TEEs and body
/// types are errors. Nothing is verified.
Result<Quote> parse_quote(ByteSpan bytes);

/// The part of a quote that is signed: header, in version 5 the descriptor, and body.
Bytes encode_signed_part(const Quote& quote);

/// The whole quote. The lengths of its parts are at most kLargestQuote together; `signed_bytes` is not looked at.
Bytes encode_quote(const Quote& quote);

}  // namespace hallmark::tdx
