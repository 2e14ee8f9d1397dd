// SPDX-License-Identifier: Apache-2.0
#include "measure/igvm/file.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "common/hex.hpp"
#include "common/reader.hpp"

namespace hallmark::igvm {
namespace {

constexpr std::size_t kNoMask = SIZE_MAX;

/// What a known type of header looks like.
struct Shape {
    HeaderType type;
    const char* name;
    std::size_t size;
    std::size_t mask_offset;  // of its compatibility mask
};

constexpr Shape parameter(HeaderType type, const char* name) { return {type, name, sizeof(Parameter), kNoMask}; }

constexpr std::array kShapes = {
    Shape{HeaderType::kSupportedPlatform, "IGVM_VHT_SUPPORTED_PLATFORM", sizeof(SupportedPlatform), 0},
    Shape{HeaderType::kGuestPolicy, "IGVM_VHT_GUEST_POLICY", sizeof(GuestPolicy), 8},
    Shape{HeaderType::kRelocatableRegion, "IGVM_VHT_RELOCATABLE_REGION", sizeof(RelocatableRegion), 0},
    Shape{HeaderType::kPageTableRelocation, "IGVM_VHT_PAGE_TABLE_RELOCATION_REGION", sizeof(PageTableRelocation), 0},
    Shape{HeaderType::kParameterArea, "IGVM_VHT_PARAMETER_AREA", sizeof(ParameterArea), kNoMask},
    Shape{HeaderType::kPageData, "IGVM_VHT_PAGE_DATA", sizeof(PageData), 8},
    Shape{HeaderType::kParameterInsert, "IGVM_VHT_PARAMETER_INSERT", sizeof(ParameterInsert), 8},
    Shape{HeaderType::kVpContext, "IGVM_VHT_VP_CONTEXT", sizeof(VpContext), 8},
    Shape{HeaderType::kRequiredMemory, "IGVM_VHT_REQUIRED_MEMORY", sizeof(RequiredMemory), 8},
    parameter(HeaderType::kVpCount, "IGVM_VHT_VP_COUNT_PARAMETER"),
    parameter(HeaderType::kSrat, "IGVM_VHT_SRAT"),
    parameter(HeaderType::kMadt, "IGVM_VHT_MADT"),
    parameter(HeaderType::kMmioRanges, "IGVM_VHT_MMIO_RANGES"),
    Shape{HeaderType::kSnpIdBlock, "IGVM_VHT_SNP_ID_BLOCK", sizeof(SnpIdBlock), 0},
    parameter(HeaderType::kMemoryMap, "IGVM_VHT_MEMORY_MAP"),
    Shape{HeaderType::kErrorRange, "IGVM_VHT_ERROR_RANGE", sizeof(ErrorRange), 8},
    parameter(HeaderType::kCommandLine, "IGVM_VHT_COMMAND_LINE"),
    parameter(HeaderType::kSlit, "IGVM_VHT_SLIT"),
    parameter(HeaderType::kPptt, "IGVM_VHT_PPTT"),
    Shape{HeaderType::kVbsMeasurement, "IGVM_VHT_VBS_MEASUREMENT", sizeof(VbsMeasurement), 0},
    parameter(HeaderType::kDeviceTree, "IGVM_VHT_DEVICE_TREE"),
    parameter(HeaderType::kEnvironmentInfo, "IGVM_VHT_ENVIRONMENT_INFO_PARAMETER"),
};

const Shape* find_shape(std::uint32_t type) {
    const auto found = std::ranges::find(kShapes, static_cast<HeaderType>(type), &Shape::type);
    return found == kShapes.end() ? nullptr : &*found;
}

/// CRC-32 of IEEE 802.3, as in gzip: reflected polynomial 0xedb88320.
std::uint32_t crc32(std::uint32_t crc, ByteSpan bytes) {
    static constexpr auto kTable = [] {
        std::array<std::uint32_t, 256> table{};
        for (std::uint32_t i = 0; i < table.size(); ++i) {
            table[i] = i;
            for (int bit = 0; bit < 8; ++bit) table[i] = table[i] >> 1 ^ (table[i] % 2 != 0 ? 0xedb88320U : 0U);
        }
        return table;
    }();
    crc = ~crc;
    for (const auto byte : bytes) crc = kTable[(crc ^ byte) & 0xff] ^ crc >> 8;
    return ~crc;
}

std::string found(std::uint64_t value, std::string_view expected) {
    return "found " + hex_number(value) + ", expected " + std::string(expected);
}

/// Platform, initialization or directive: the section in which a type belongs; nothing for one that is in none.
std::optional<int> section_of(std::uint32_t type) {
    if (type == 0) return std::nullopt;
    if (type <= kLastPlatformType) return 0;
    if (type <= kLastInitializationType) return 1;
    if (type >= kFirstDirectiveType && type <= kLastDirectiveType) return 2;
    return std::nullopt;
}

}  // namespace

Architecture File::architecture() const { return static_cast<Architecture>(extension_.architecture.get()); }

const SupportedPlatform* File::find_platform(PlatformType type) const {
    const auto found = std::ranges::find(platforms_, type, &SupportedPlatform::type);
    return found == platforms_.end() ? nullptr : &*found;
}

std::optional<std::uint32_t> File::compatibility_mask(const Header& header) const {
    const auto* shape = find_shape(header.type);
    if (shape == nullptr || shape->mask_offset == kNoMask) return std::nullopt;
    auto at = header;
    at.offset += static_cast<std::uint32_t>(shape->mask_offset);
    return structure<Le32>(at).get();
}

Status File::read(std::uint64_t offset, std::span<std::uint8_t> into) const {
    auto status = source_.read(offset, into);
    if (!status) return std::unexpected(status.error().at(what_));
    return status;
}

Status File::read_fixed_header() {
    if (source_.size() < sizeof fixed_)
        return bad_input(what_ + ": " + std::to_string(source_.size()) + " bytes, expected an IGVM file");
    HALLMARK_CHECK(read(0, as_writable_bytes(fixed_)));
    const auto place = [&](const char* offset, const char* field) {
        return what_ + ": offset " + offset + ": " + field;
    };
    if (fixed_.magic != kMagic) return bad_input(place("0x0", "magic ") + found(fixed_.magic, "0x4d564749 (IGVM)"));
    if (fixed_.format_version != 1 && fixed_.format_version != 2)
        return bad_input(place("0x4", "format version ") + found(fixed_.format_version, "1 or 2"));
    std::size_t size = sizeof fixed_;
    extension_.page_size = static_cast<std::uint32_t>(kPageSize);
    if (fixed_.format_version == 2) {
        HALLMARK_CHECK(read(size, as_writable_bytes(extension_)));
        size += sizeof extension_;
        if (extension_.architecture > 1)
            return bad_input(place("0x18", "architecture ") +
                             found(extension_.architecture, "0 (x86-64) or 1 (AArch64)"));
        if (!std::has_single_bit(extension_.page_size.get()) || extension_.page_size < kPageSize)
            return bad_input(place("0x1c", "page size ") + found(extension_.page_size, "a power of two from 0x1000"));
    }
    if (fixed_.total_file_size != source_.size())
        return bad_input(place("0x10", "total file size ") +
                         found(fixed_.total_file_size, hex_number(source_.size()) + ", the size of the file"));
    const auto begin = fixed_.variable_header_offset.get();
    if (begin < size || begin % 8 != 0 || begin > source_.size())
        return bad_input(
            place("0x8", "offset of the variable headers ") +
            found(begin, "a multiple of 8 from " + hex_number(size) + " to " + hex_number(source_.size())));
    const auto most = std::min<std::uint64_t>(kLargestHeaders, source_.size() - begin);
    if (fixed_.variable_header_size > most)
        return bad_input(place("0xc", "size of the variable headers ") +
                         found(fixed_.variable_header_size, "at most " + hex_number(most)));
    return {};
}

Status File::read_variable_headers() {
    base_ = fixed_.variable_header_offset;
    bytes_.resize(fixed_.variable_header_size);
    HALLMARK_CHECK(read(base_, bytes_));
    auto unsummed = fixed_;
    unsummed.checksum = 0U;
    auto crc = crc32(0, as_bytes(unsummed));
    if (fixed_.format_version == 2) crc = crc32(crc, as_bytes(extension_));
    crc = crc32(crc, bytes_);
    if (crc != fixed_.checksum)
        return bad_input(what_ + ": offset 0x14: checksum " + found(fixed_.checksum, hex_number(crc)) +
                         "; the file was changed after it was made");
    Reader reader(bytes_, what_, base_);
    while (reader.remaining() != 0) {
        HALLMARK_TRY(const VariableHeader header, reader.structure<VariableHeader>());
        const auto offset = reader.offset();
        HALLMARK_TRY(const ByteSpan content, reader.bytes(header.length));
        HALLMARK_TRY(const ByteSpan padding, reader.bytes((8 - header.length % 8) % 8));
        if (!all_zero(padding))
            return bad_input(what_ + ": offset " + hex_number(offset + content.size()) + ": padding found " +
                             to_hex(padding) + ", expected zeros");
        HALLMARK_CHECK(add_header(header, offset, content));
    }
    return {};
}

Status File::add_header(const VariableHeader& header, std::size_t offset, ByteSpan content) {
    const Header added{header.type & ~kMayBeIgnored, (header.type & kMayBeIgnored) != 0,
                       static_cast<std::uint32_t>(offset), header.length};
    const auto place = what_ + ": offset " + hex_number(offset - sizeof header) + ": ";
    const auto section = section_of(added.type);
    if (!section && !added.may_be_ignored)
        return bad_input(place + "header type " + found(header.type, "one of 0x1-0x200 or 0x301-0x400"));
    const auto last = headers_.empty() ? std::optional(0) : section_of(headers_.back().type);
    if (section && last && *section < *last)
        return bad_input(place + name_of(added) +
                         " found behind a later section, expected platforms, initialization, " + "directives");
    const auto* shape = find_shape(added.type);
    if (shape != nullptr && content.size() != shape->size)
        return bad_input(place + shape->name + " length " + found(content.size(), hex_number(shape->size)));
    if (added.is(HeaderType::kSupportedPlatform)) {
        platforms_.push_back(structure<SupportedPlatform>(added));
    } else {
        headers_.push_back(added);
    }
    return {};
}

Result<File> File::parse(RandomAccess source, std::string what) {
    File file(std::move(source), std::move(what));
    HALLMARK_CHECK(file.read_fixed_header());
    HALLMARK_CHECK(file.read_variable_headers());
    HALLMARK_CHECK(check_relations(file));
    return file;
}

std::string name_of(const Header& header) {
    const auto* shape = find_shape(header.type);
    return shape == nullptr ? "type " + hex_number(header.type) : shape->name;
}

std::string name_of(PlatformType type) {
    switch (type) {
        case PlatformType::kNative:
            return "native";
        case PlatformType::kVsmIsolation:
            return "VSM isolation";
        case PlatformType::kSevSnp:
            return "SEV-SNP";
        case PlatformType::kTdx:
            return "TDX";
        case PlatformType::kSev:
            return "SEV";
        case PlatformType::kSevEs:
            return "SEV-ES";
    }
    return "platform " + hex_number(static_cast<std::uint8_t>(type));
}

}  // namespace hallmark::igvm
