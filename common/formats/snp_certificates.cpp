// SPDX-License-Identifier: Apache-2.0
#include "common/formats/snp_certificates.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/reader.hpp"

namespace hallmark::snp {
namespace {

constexpr std::size_t kMostEntries = 16;
constexpr std::string_view kWhat = "SNP certificate table";

/// From UEFI's order of bytes to that of the text, and back.
std::array<std::uint8_t, 16> other_order(const std::array<std::uint8_t, 16>& bytes) {
    constexpr std::array<std::size_t, 16> kOrder = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    std::array<std::uint8_t, 16> other{};
    for (std::size_t i = 0; i < kOrder.size(); ++i) other.at(i) = bytes.at(kOrder.at(i));
    return other;
}

}  // namespace

Bytes encode_certificate_table(std::span<const TableCertificate> certificates) {
    Bytes table;
    std::size_t offset = (certificates.size() + 1) * sizeof(CertificateTableEntry);
    for (const auto& certificate : certificates) {
        CertificateTableEntry entry;
        entry.guid = other_order(certificate.guid.bytes);
        entry.offset = static_cast<std::uint32_t>(offset);
        entry.length = static_cast<std::uint32_t>(certificate.der.size());
        append(table, as_bytes(entry));
        offset += certificate.der.size();
    }
    append(table, as_bytes(CertificateTableEntry{}));
    for (const auto& certificate : certificates) append(table, certificate.der);
    return table;
}

Result<std::vector<TableCertificate>> parse_certificate_table(ByteSpan bytes) {
    std::vector<TableCertificate> certificates;
    if (bytes.empty()) return certificates;
    Reader reader(bytes, std::string(kWhat));
    for (;;) {
        HALLMARK_TRY(const auto entry, reader.structure<CertificateTableEntry>());
        const Guid role{other_order(entry.guid)};
        if (role == Guid{}) return certificates;
        if (certificates.size() == kMostEntries)
            return bad_input(std::string(kWhat) + ": more than " + std::to_string(kMostEntries) + " entries");
        if (entry.offset > bytes.size() || entry.length > bytes.size() - entry.offset)
            return bad_input(std::string(kWhat) + ": " + role.text() + ": offset " + hex_number(entry.offset) +
                             " length " + hex_number(entry.length) + " is outside the " + std::to_string(bytes.size()) +
                             " bytes of the table");
        const auto der = bytes.subspan(entry.offset, entry.length);
        certificates.push_back({role, Bytes(der.begin(), der.end())});
    }
}

}  // namespace hallmark::snp
