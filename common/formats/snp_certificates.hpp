// SPDX-License-Identifier: Apache-2.0
// Certificates of SEV-SNP: the table in which a hypervisor hands them to the guest, and the extensions of a VCEK.
// Sources: AMD "SEV-ES Guest-Hypervisor Communication Block Standardization", publication 56421, revision 2.04, section
// 4.1.8.1 (SNP Extended Guest Request); AMD "Versioned Chip Endorsement Key (VCEK) Certificate and KDS Interface
// Specification", publication 57230, revision 1.00, chapter 3.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "common/bytes.hpp"
#include "common/endian.hpp"
#include "common/guid.hpp"
#include "common/result.hpp"

namespace hallmark::snp {

constexpr Guid kVcekGuid = guid("63da758d-e664-4564-adc5-f4b93be8accd");
constexpr Guid kAskGuid = guid("4ab7b379-bbac-4fe4-a02f-05aef327c782");
constexpr Guid kArkGuid = guid("c0b406a4-a803-4952-9743-3fb6014cd0ae");
constexpr Guid kVlekGuid = guid("a8074bc2-a25a-483e-aae6-39c045a0b8a1");
constexpr Guid kCrlGuid = guid("92f81bc3-5811-4d3d-97ff-d19f88dc67ea");

struct CertificateTableEntry {
    // The bytes in the order of the text (RFC 9562, section 4), unlike UEFI's.
    std::array<std::uint8_t, 16> guid{};  // 00
    Le32 offset;                          // 10, from the start of the table
    Le32 length;                          // 14, in bytes
};
static_assert(sizeof(CertificateTableEntry) == 24 && alignof(CertificateTableEntry) == 1);
static_assert(offsetof(CertificateTableEntry, offset) == 0x10 && offsetof(CertificateTableEntry, length) == 0x14);

/// A certificate in DER under the GUID of its role.
struct TableCertificate {
    Guid guid;
    Bytes der;
};

/// Entries, an entry of zeros, then the certificates.
Bytes encode_certificate_table(std::span<const TableCertificate> certificates);

/// At most 16 entries, each wholly inside `bytes`; no bytes at all are an empty table.
Result<std::vector<TableCertificate>> parse_certificate_table(ByteSpan bytes);

/// Object identifiers of the extensions of a VCEK and a VLEK.
namespace kds {
constexpr const char* kStructVersion = "1.3.6.1.4.1.3704.1.1";  // INTEGER
constexpr const char* kProductName = "1.3.6.1.4.1.3704.1.2";    // IA5String, such as "Milan-B0"
constexpr const char* kBootLoader = "1.3.6.1.4.1.3704.1.3.1";   // INTEGER, as the other parts of the TCB
constexpr const char* kTee = "1.3.6.1.4.1.3704.1.3.2";
constexpr const char* kSnp = "1.3.6.1.4.1.3704.1.3.3";
constexpr const char* kSpl4 = "1.3.6.1.4.1.3704.1.3.4";
constexpr const char* kSpl5 = "1.3.6.1.4.1.3704.1.3.5";
constexpr const char* kSpl6 = "1.3.6.1.4.1.3704.1.3.6";
constexpr const char* kSpl7 = "1.3.6.1.4.1.3704.1.3.7";
constexpr const char* kMicrocode = "1.3.6.1.4.1.3704.1.3.8";
constexpr const char* kFmc = "1.3.6.1.4.1.3704.1.3.9";       // Turin and later
constexpr const char* kHardwareId = "1.3.6.1.4.1.3704.1.4";  // OCTET STRING: the chip's identifier; VCEK only
constexpr const char* kCspId = "1.3.6.1.4.1.3704.1.5";       // IA5String: whom the key was leased to; VLEK only
}  // namespace kds

}  // namespace hallmark::snp
