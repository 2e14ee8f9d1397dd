// SPDX-License-Identifier: Apache-2.0
#include "measure/ovmf/traits.hpp"

#include <lzma.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <string_view>

#include "common/endian.hpp"
#include "common/guid.hpp"

namespace hallmark::ovmf {
namespace {

constexpr Guid kLzma = guid("ee4e5898-3914-4259-9d6e-dc7bd79403cf");
constexpr std::uint8_t kGuidedSection = 0x02;
constexpr std::uint64_t kLzmaMemory = 64ULL << 20;  // of the decoder: edk2's dictionaries are 16 MiB
constexpr std::size_t kMostContent = std::size_t{64} << 20;
constexpr std::size_t kBlock = std::size_t{1} << 18;
constexpr int kMostAttempts = 4;    // the name also stands in code; a hostile image may have it everywhere
constexpr std::size_t kCarry = 64;  // what the end of a block is searched again with: longer than every word below

/// EFI_GUID_DEFINED_SECTION
struct GuidedSection {
    std::array<std::uint8_t, 3> size{};  // 00
    std::uint8_t type = 0;               // 03
    Guid guid;                           // 04
    Le16 data_offset;                    // 14
    Le16 attributes;                     // 16
};
static_assert(sizeof(GuidedSection) == 24 && offsetof(GuidedSection, type) == 3 && offsetof(GuidedSection, guid) == 4);
static_assert(offsetof(GuidedSection, data_offset) == 20 && offsetof(GuidedSection, attributes) == 22);

std::string wide(std::string_view text) {
    std::string result;
    for (const auto c : text) {
        result.push_back(c);
        result.push_back('\0');
    }
    return result;
}

bool contains(ByteSpan bytes, std::string_view word) {
    return !bytes.empty() && ::memmem(bytes.data(), bytes.size(), word.data(), word.size()) != nullptr;
}

using std::string_view_literals::operator""sv;

/// "2025.02" in UTF-16, as distributions begin the version of their builds.
std::optional<std::string> find_version(ByteSpan bytes) {
    constexpr std::string_view kPattern = "20##.##";
    const auto begin = wide("20");
    const auto digit = [](std::uint8_t c) { return c >= '0' && c <= '9'; };
    for (auto rest = bytes; rest.size() >= 2 * kPattern.size();) {
        const auto* found =
            static_cast<const std::uint8_t*>(::memmem(rest.data(), rest.size(), begin.data(), begin.size()));
        if (found == nullptr) return std::nullopt;
        rest = rest.subspan(static_cast<std::size_t>(found - rest.data()));
        if (rest.size() < 2 * kPattern.size()) return std::nullopt;
        std::string text;
        for (std::size_t i = 0; i < kPattern.size(); ++i) {
            const auto c = rest[2 * i];
            const bool fits =
                rest[2 * i + 1] == 0 && (kPattern[i] == '#' ? digit(c) : c == static_cast<std::uint8_t>(kPattern[i]));
            if (!fits) break;
            text.push_back(static_cast<char>(c));
        }
        if (text.size() == kPattern.size()) return text;
        rest = rest.subspan(1);
    }
    return std::nullopt;
}

void look(FirmwareTraits& traits, ByteSpan content) {
    static const std::string kSecureBoot = wide("SecureBootEnable");
    static const std::string kSetup = wide("EFI Firmware Setup");
    traits.measures_td |= contains(content, "TdxTable");
    traits.secure_boot |= contains(content, kSecureBoot);
    traits.boot_menu |= contains(content, kSetup);
    traits.named_blobs |= contains(content, "etc/boot/");
    traits.initrd_first |= contains(content, "initrd=initrd \0"sv);
    traits.initrd_last |= contains(content, " initrd=initrd\0"sv);
    if (!traits.version) traits.version = find_version(content);
}

/// Gives what an LZMA stream holds to `consume`, in blocks that overlap; whether it could be read.
bool decompress(ByteSpan stream, const std::function<void(ByteSpan)>& consume) {
    lzma_stream decoder = LZMA_STREAM_INIT;
    if (lzma_alone_decoder(&decoder, kLzmaMemory) != LZMA_OK) return false;
    Bytes block(kCarry + kBlock);
    decoder.next_in = stream.data();
    decoder.avail_in = stream.size();
    std::size_t carried = 0;
    std::size_t total = 0;
    auto status = LZMA_OK;
    while (status == LZMA_OK && total < kMostContent) {
        decoder.next_out = block.data() + carried;
        decoder.avail_out = block.size() - carried;
        const auto room = decoder.avail_out;
        status = lzma_code(&decoder, LZMA_FINISH);
        const auto written = room - decoder.avail_out;
        total += written;
        const auto filled = carried + written;
        if (written == 0) break;
        consume(ByteSpan(block).first(filled));
        carried = std::min(kCarry, filled);
        std::memmove(block.data(), block.data() + filled - carried, carried);
    }
    lzma_end(&decoder);
    return status == LZMA_STREAM_END;
}

/// The LZMA stream of the section whose GUID stands at `at`; empty where none stands there.
ByteSpan stream_of(ByteSpan image, std::size_t at) {
    constexpr auto kBefore = offsetof(GuidedSection, guid);
    if (at < kBefore || image.size() - (at - kBefore) < sizeof(GuidedSection)) return {};
    const auto section_bytes = image.subspan(at - kBefore);
    GuidedSection section;
    std::memcpy(static_cast<void*>(&section), section_bytes.data(), sizeof section);
    if (section.type != kGuidedSection || section.data_offset < sizeof section) return {};
    const auto size = section.size[0] | section.size[1] << 8 | section.size[2] << 16;
    if (section.data_offset >= size || static_cast<std::size_t>(size) > section_bytes.size()) return {};
    return section_bytes.first(static_cast<std::size_t>(size)).subspan(section.data_offset);
}

}  // namespace

FirmwareTraits firmware_traits(ByteSpan image) {
    FirmwareTraits traits;
    look(traits, image);
    // Only code without a PEI phase has this in a volume that isn't compressed: it reads fw_cfg before anything else.
    traits.tdx_only = contains(image, "QEMU FW CFG");
    auto from = image.begin();
    for (int attempt = 0; attempt < kMostAttempts; ++attempt) {
        const auto found = std::search(from, image.end(), kLzma.bytes.begin(), kLzma.bytes.end());
        if (found == image.end()) break;
        from = found + 1;
        const auto stream = stream_of(image, static_cast<std::size_t>(found - image.begin()));
        // What a broken stream held until it broke says nothing.
        auto with_content = traits;
        if (stream.empty() || !decompress(stream, [&](ByteSpan content) { look(with_content, content); })) continue;
        traits = with_content;
        traits.readable = true;
        break;
    }
    return traits;
}

}  // namespace hallmark::ovmf
