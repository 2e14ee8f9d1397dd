// SPDX-License-Identifier: Apache-2.0
#include "measure/bzimage/setup_header.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "common/hex.hpp"
#include "common/text.hpp"

namespace hallmark::bzimage {
namespace {

constexpr std::size_t kSector = 512;
constexpr std::size_t kTextBase = 0x200;
constexpr std::size_t kLongestText = 256;

struct Magic {
    std::string_view begins;
    std::string_view name;
};

/// As Linux, lib/decompress.c and scripts/Makefile.lib, has them.
constexpr auto kPackings = std::to_array<Magic>({{"\x1f\x8b", "gzip"},
                                                 {"BZh", "bzip2"},
                                                 {std::string_view("\x5d\0\0", 3), "lzma"},
                                                 {std::string_view("\xfd\x37zXZ\0", 6), "xz"},
                                                 {"\x89LZO", "lzo"},
                                                 {"\x02\x21\x4c\x18", "lz4"},
                                                 {"\x28\xb5\x2f\xfd", "zstd"},
                                                 {"\x7f"
                                                  "ELF",
                                                  "ELF"}});

}  // namespace

Result<SetupHeader> read_setup_header(ByteSpan kernel, const std::string& what) {
    if (kernel.size() < kHeaderEnd)
        return bad_input(what + ": " + std::to_string(kernel.size()) + " bytes, too short for a Linux kernel");
    SetupHeader header;
    std::memcpy(static_cast<void*>(&header), kernel.data() + kHeaderOffset, sizeof header);
    if (header.magic != kMagic)
        return bad_input(what + ": offset 0x202: found " + hex_number(header.magic) + ", expected " +
                         hex_number(kMagic) + " (HdrS) of a Linux kernel");
    return header;
}

void write_setup_header(std::span<std::uint8_t> kernel, const SetupHeader& header) {
    std::ranges::copy(as_bytes(header), kernel.begin() + kHeaderOffset);
}

std::optional<std::string_view> version_text(ByteSpan kernel, const SetupHeader& header) {
    const auto at = kTextBase + header.version_text;
    if (header.version_text == 0 || at >= kernel.size()) return std::nullopt;
    const std::string_view text(reinterpret_cast<const char*>(kernel.data()) + at,
                                std::min(kLongestText, kernel.size() - at));
    return text.substr(0, text.find('\0'));
}

std::size_t code_offset(const SetupHeader& header) {
    constexpr std::size_t kDefaultSectors = 4;
    const auto sectors = header.setup_sectors == 0 ? kDefaultSectors : std::size_t{header.setup_sectors};
    return (sectors + 1) * kSector;
}

Result<ByteSpan> payload(ByteSpan kernel, const SetupHeader& header, const std::string& what) {
    if (header.protocol < kProtocolOfPayload || header.payload_size == 0) return ByteSpan{};
    const auto begin = code_offset(header) + std::size_t{header.payload_offset};
    if (begin > kernel.size() || header.payload_size > kernel.size() - begin)
        return bad_input(what + ": offset 0x248: payload at " + hex_number(begin) + " of " +
                         std::to_string(header.payload_size.get()) + " bytes, expected it in the file of " +
                         std::to_string(kernel.size()) + "; the file may be cut short");
    return kernel.subspan(begin, header.payload_size);
}

std::string_view packing(ByteSpan payload) {
    const std::string_view text = text_of(payload);
    for (const auto& magic : kPackings)
        if (text.starts_with(magic.begins)) return magic.name;
    return "unknown";
}

}  // namespace hallmark::bzimage
