// SPDX-License-Identifier: Apache-2.0
#include "measure/ovmf/sev_metadata.hpp"

#include <array>

#include "common/endian.hpp"
#include "common/hex.hpp"
#include "common/reader.hpp"
#include "measure/ovmf/layout.hpp"

namespace hallmark::ovmf {
namespace {

constexpr Guid kSevMetadata = guid("dc886566-984a-4798-a75e-5585a7bf67cc");
constexpr std::string_view kSignature = "ASEV";
constexpr std::uint32_t kVersion = 1;

struct Header {
    std::array<std::uint8_t, 4> signature{};  // 00
    Le32 size;                                // 04: of header and sections
    Le32 version;                             // 08
    Le32 count;                               // 0c
};
static_assert(sizeof(Header) == 16 && offsetof(Header, size) == 4 && offsetof(Header, version) == 8);
static_assert(offsetof(Header, count) == 12);

struct RawSection {
    Le32 gpa;   // 00
    Le32 size;  // 04
    Le32 type;  // 08
};
static_assert(sizeof(RawSection) == 12 && offsetof(RawSection, size) == 4 && offsetof(RawSection, type) == 8);

bool is_known(std::uint32_t type) {
    switch (static_cast<SevSectionType>(type)) {
        case SevSectionType::kMemory:
        case SevSectionType::kSecrets:
        case SevSectionType::kCpuid:
        case SevSectionType::kSvsmCallingArea:
        case SevSectionType::kKernelHashes:
            return true;
    }
    return false;
}

std::string range(std::uint64_t begin, std::uint64_t end) { return hex_number(begin) + "-" + hex_number(end); }

/// Where the metadata begin in the image: the table gives the distance from its end.
Result<std::size_t> find_metadata(const ImageEnd& image, const GuidTable& table, const std::string& what) {
    const auto* entry = table.find(kSevMetadata);
    if (entry == nullptr)
        return bad_input(what + ": no SEV metadata (" + kSevMetadata.text() +
                         ") in the GUIDed table; name a firmware built for SEV-SNP");
    Reader reader(entry->data, what, entry->offset);
    HALLMARK_TRY(const Le32 from_end, reader.structure<Le32>());
    HALLMARK_CHECK(reader.finished());
    if (from_end < sizeof(Header) || from_end > image.bytes.size())
        return bad_input(what + ": offset " + hex_number(entry->offset) + ": SEV metadata " +
                         std::to_string(from_end.get()) + " bytes before the end, expected " +
                         std::to_string(sizeof(Header)) + " to " + std::to_string(image.bytes.size()));
    return image.size - from_end;
}

Status check_header(const Header& header, std::size_t offset, const std::string& what) {
    const auto place = what + ": offset " + hex_number(offset) + ": SEV metadata ";
    if (!equal(header.signature, as_bytes(kSignature)))
        return bad_input(place + "begin with " + to_hex(header.signature) + ", expected " +
                         to_hex(as_bytes(kSignature)) + " (ASEV)");
    if (header.version != kVersion)
        return bad_input(place + "have version " + std::to_string(header.version.get()) + ", expected 1");
    if (header.count == 0 || header.count > kMostSections)
        return bad_input(place + "have " + std::to_string(header.count.get()) + " sections, expected 1 to " +
                         std::to_string(kMostSections));
    const auto expected = sizeof(Header) + header.count * sizeof(RawSection);
    if (header.size != expected)
        return bad_input(place + "have size " + std::to_string(header.size.get()) + ", expected " +
                         std::to_string(expected) + " for " + std::to_string(header.count.get()) + " sections");
    return {};
}

}  // namespace

std::string_view name_of(SevSectionType type) {
    switch (type) {
        case SevSectionType::kMemory:
            return "memory";
        case SevSectionType::kSecrets:
            return "secrets";
        case SevSectionType::kCpuid:
            return "CPUID";
        case SevSectionType::kSvsmCallingArea:
            return "SVSM calling area";
        case SevSectionType::kKernelHashes:
            return "kernel hashes";
    }
    return "unknown section";
}

Status check_section(std::span<const SevSection> earlier, const SevSection& section, std::uint64_t lowest_firmware,
                     UnknownSections unknown, const std::string& place) {
    const auto type = static_cast<std::uint32_t>(section.type);
    if (unknown == UnknownSections::kRefuse && !is_known(type))
        return bad_input(place + "type " + hex_number(type) + " is unknown, expected 1, 2, 3, 4 or 0x10");
    if (section.size == 0 || section.size % kPageSize != 0 || section.gpa % kPageSize != 0)
        return bad_input(place + range(section.gpa, section.end()) + " is not a positive number of 4 KiB pages");
    if (section.end() > lowest_firmware)
        return bad_input(place + range(section.gpa, section.end()) + " passes " + hex_number(lowest_firmware) +
                         ", where the firmware begins");
    for (const auto& other : earlier)
        if (section.gpa < other.end() && other.gpa < section.end())
            return bad_input(place + range(section.gpa, section.end()) + " overlaps the section " +
                             range(other.gpa, other.end()));
    return {};
}

Result<std::vector<SevSection>> parse_sev_metadata(const ImageEnd& image, const GuidTable& table,
                                                   const std::string& what, const SectionRules& rules) {
    HALLMARK_TRY(const std::size_t offset, find_metadata(image, table, what));
    Reader reader(image.from(offset), what, offset);
    HALLMARK_TRY(const Header header, reader.structure<Header>());
    HALLMARK_CHECK(check_header(header, offset, what));
    if (offset < table.end && offset + header.size > table.begin)
        return bad_input(what + ": offset " + hex_number(offset) + ": SEV metadata overlap the GUIDed table at " +
                         range(table.begin, table.end));
    std::vector<SevSection> sections;
    for (std::uint32_t i = 0; i < header.count; ++i) {
        const auto place =
            what + ": offset " + hex_number(reader.offset()) + ": SEV section " + std::to_string(i) + ": ";
        HALLMARK_TRY(const RawSection raw, reader.structure<RawSection>());
        const SevSection section{raw.gpa, raw.size, static_cast<SevSectionType>(raw.type.get())};
        HALLMARK_CHECK(check_section(sections, section, rules.image_end - image.size, rules.unknown, place));
        sections.push_back(section);
    }
    return sections;
}

}  // namespace hallmark::ovmf
