// SPDX-License-Identifier: Apache-2.0
#include "measure/ovmf/tdx_metadata.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "common/checked.hpp"
#include "common/endian.hpp"
#include "common/hex.hpp"
#include "common/reader.hpp"
#include "measure/ovmf/guid_table.hpp"
#include "measure/ovmf/layout.hpp"

namespace hallmark::ovmf {
namespace {

constexpr Guid kTdxMetadata = guid("e47a6535-984a-4798-865e-4685a7bf8ec2");
constexpr std::string_view kSignature = "TDVF";
constexpr std::uint32_t kVersion = 1;
constexpr std::uint32_t kMostSections = 256;
/// Far more than any firmware asks for; keeps the measurement of a hostile image short.
constexpr std::uint64_t kMostMemory = 1ULL << 30;
/// Where firmware without a GUIDed table (early td-shim) has the offset of its metadata, from the end of the image.
constexpr std::size_t kBareOffset = 0x20;

struct Descriptor {
    std::array<std::uint8_t, 4> signature{};  // 00
    Le32 length;                              // 04: of descriptor and sections
    Le32 version;                             // 08
    Le32 count;                               // 0c
};
static_assert(sizeof(Descriptor) == 16 && offsetof(Descriptor, length) == 4 && offsetof(Descriptor, version) == 8);
static_assert(offsetof(Descriptor, count) == 12);

struct RawSection {
    Le32 data_offset;  // 00
    Le32 data_size;    // 04
    Le64 gpa;          // 08
    Le64 memory_size;  // 10
    Le32 type;         // 18
    Le32 attributes;   // 1c
};
static_assert(sizeof(RawSection) == 32 && offsetof(RawSection, data_size) == 4 && offsetof(RawSection, gpa) == 8);
static_assert(offsetof(RawSection, memory_size) == 16 && offsetof(RawSection, type) == 24);
static_assert(offsetof(RawSection, attributes) == 28);

/// Where a td-shim image without a table says that its descriptor is; the image's size where it says nothing.
std::size_t bare_offset(ByteSpan image) {
    if (image.size() < kBareOffset) return image.size();
    Le32 offset;
    std::memcpy(&offset, image.data() + image.size() - kBareOffset, sizeof offset);
    if (offset > image.size() || image.size() - offset < sizeof(Descriptor)) return image.size();
    return equal(image.subspan(offset, kSignature.size()), as_bytes(kSignature)) ? offset.get() : image.size();
}

/// Where the descriptor begins: the table gives the distance from the end of the image.
Result<std::size_t> find_descriptor(ByteSpan image, const std::string& what) {
    const auto table = parse_guid_table(image, what);
    const auto* entry = table ? table->find(kTdxMetadata) : nullptr;
    if (entry == nullptr) {
        if (const auto bare = bare_offset(image); bare != image.size()) return bare;
        if (!table) return std::unexpected(table.error());
        return bad_input(what + ": no TDX metadata (" + kTdxMetadata.text() +
                         ") in the GUIDed table; name a firmware built for TDX");
    }
    Reader reader(entry->data, what + ": entry " + kTdxMetadata.text(), entry->offset);
    HALLMARK_TRY(const Le32 from_end, reader.structure<Le32>());
    HALLMARK_CHECK(reader.finished());
    if (from_end < sizeof(Descriptor) || from_end > image.size())
        return bad_input(what + ": offset " + hex_number(entry->offset) + ": TDX metadata " +
                         std::to_string(from_end.get()) + " bytes before the end, expected " +
                         std::to_string(sizeof(Descriptor)) + " to " + std::to_string(image.size()));
    return image.size() - from_end;
}

Status check_descriptor(const Descriptor& descriptor, std::size_t offset, const std::string& what) {
    const auto place = what + ": offset " + hex_number(offset) + ": TDX metadata ";
    if (!equal(descriptor.signature, as_bytes(kSignature)))
        return bad_input(place + "begin with " + to_hex(descriptor.signature) + ", expected " +
                         to_hex(as_bytes(kSignature)) + " (TDVF)");
    if (descriptor.version != kVersion)
        return bad_input(place + "have version " + std::to_string(descriptor.version.get()) + ", expected 1");
    if (descriptor.count == 0 || descriptor.count > kMostSections)
        return bad_input(place + "have " + std::to_string(descriptor.count.get()) + " sections, expected 1 to " +
                         std::to_string(kMostSections));
    const auto expected = sizeof(Descriptor) + descriptor.count * sizeof(RawSection);
    if (descriptor.length != expected)
        return bad_input(place + "have length " + std::to_string(descriptor.length.get()) + ", expected " +
                         std::to_string(expected) + " for " + std::to_string(descriptor.count.get()) + " sections");
    return {};
}

/// What a type asks of the sizes; a section that holds neither data nor memory is no section.
Status check_sizes(const TdxSection& section, const std::string& place) {
    const auto name = std::string(name_of(section.type));
    switch (section.type) {
        case TdxSectionType::kFirmwareVolume:
        case TdxSectionType::kConfigurationVolume:
            if (section.data_size == 0) return bad_input(place + name + " without data in the image");
            return {};
        case TdxSectionType::kTdInfo:
            if (section.memory_size != 0) return bad_input(place + name + " takes memory, expected none");
            return {};
        case TdxSectionType::kHandOff:
        case TdxSectionType::kTemporaryMemory:
            if (section.data_size != 0) return bad_input(place + name + " has data in the image, expected none");
            [[fallthrough]];
        case TdxSectionType::kPermanentMemory:
        case TdxSectionType::kPayload:
        case TdxSectionType::kPayloadParameter:
        case TdxSectionType::kTdParameters:
            if (section.memory_size == 0) return bad_input(place + name + " without memory");
            return {};
    }
    return bad_input(place + "type " + hex_number(static_cast<std::uint32_t>(section.type)) +
                     " is unknown, expected 0 to 8");
}

Result<TdxSection> check_section(const RawSection& raw, const std::string& place) {
    const TdxSection section{
        raw.data_offset, raw.data_size, raw.gpa, raw.memory_size, static_cast<TdxSectionType>(raw.type.get()),
        raw.attributes,
    };
    HALLMARK_CHECK(check_sizes(section, place));
    if (section.gpa % kPageSize != 0 || section.memory_size % kPageSize != 0)
        return bad_input(place + "memory " + hex_number(section.gpa) + ", " + hex_number(section.memory_size) +
                         " bytes, expected whole 4 KiB pages");
    if (!checked_add(section.gpa, section.memory_size))
        return bad_input(place + "memory " + hex_number(section.gpa) + ", " + hex_number(section.memory_size) +
                         " bytes, passes the end of the address space");
    if (section.type != TdxSectionType::kTdInfo && section.data_size > section.memory_size)
        return bad_input(place + std::to_string(section.data_size) + " bytes of data, expected at most the " +
                         std::to_string(section.memory_size) + " of its memory");
    if ((section.attributes & ~(kMeasured | kAddedLater)) != 0)
        return bad_input(place + "attributes " + hex_number(section.attributes) + ", expected bits 0 and 1 only");
    return section;
}

/// All data must lie in the image. What reaches past its end by just the variables is the code alone.
Status check_data(const std::vector<TdxSection>& sections, std::size_t size, const std::string& what) {
    std::uint64_t reach = 0;
    std::uint64_t variables = 0;
    for (const auto& section : sections) {
        reach = std::max(reach, std::uint64_t{section.data_offset} + section.data_size);
        if (section.type == TdxSectionType::kConfigurationVolume) variables += section.data_size;
    }
    if (reach <= size) return {};
    if (reach == size + variables)
        return bad_input(what + ": " + std::to_string(size) + " bytes of code without its variables, expected " +
                         std::to_string(reach) + ": the TDX metadata point into both; join the variables file in " +
                         "front of it: cat OVMF_VARS.fd OVMF_CODE.fd > OVMF.fd");
    return bad_input(what + ": " + std::to_string(size) + " bytes, expected " + std::to_string(reach) +
                     ": the TDX metadata point past its end; name the whole firmware image");
}

Status check_memory(const std::vector<TdxSection>& sections, const std::string& what) {
    std::uint64_t added = 0;
    for (const auto& section : sections) {
        if ((section.attributes & kAddedLater) != 0) continue;
        // Both are at most kMostMemory here, so the sum fits.
        added += std::min(section.memory_size, kMostMemory);
        if (section.memory_size > kMostMemory || added > kMostMemory)
            return bad_input(what + ": the TDX sections add more than " + std::to_string(kMostMemory >> 20) +
                             " MiB of memory, expected less");
    }
    return {};
}

}  // namespace

std::string_view name_of(TdxSectionType type) {
    constexpr std::array<std::string_view, 9> kNames = {"BFV",     "CFV",           "TD_HOB",  "TEMP_MEM", "PERM_MEM",
                                                        "PAYLOAD", "PAYLOAD_PARAM", "TD_INFO", "TD_PARAMS"};
    const auto index = static_cast<std::uint32_t>(type);
    return index < kNames.size() ? kNames[index] : "unknown";
}

Result<std::vector<TdxSection>> parse_tdx_metadata(ByteSpan image, const std::string& what) {
    HALLMARK_TRY(const std::size_t offset, find_descriptor(image, what));
    Reader reader(image.subspan(offset), what, offset);
    HALLMARK_TRY(const Descriptor descriptor, reader.structure<Descriptor>());
    HALLMARK_CHECK(check_descriptor(descriptor, offset, what));
    std::vector<TdxSection> sections;
    for (std::uint32_t i = 0; i < descriptor.count; ++i) {
        const auto place =
            what + ": offset " + hex_number(reader.offset()) + ": TDX section " + std::to_string(i) + ": ";
        HALLMARK_TRY(const RawSection raw, reader.structure<RawSection>());
        HALLMARK_TRY(const TdxSection section, check_section(raw, place));
        sections.push_back(section);
    }
    HALLMARK_CHECK(check_data(sections, image.size(), what));
    HALLMARK_CHECK(check_memory(sections, what));
    return sections;
}

}  // namespace hallmark::ovmf
