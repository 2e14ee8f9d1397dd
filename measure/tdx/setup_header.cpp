// SPDX-License-Identifier: Apache-2.0
#include "measure/tdx/setup_header.hpp"

#include <algorithm>
#include <charconv>

#include "common/hex.hpp"
#include "measure/bzimage/setup_header.hpp"
#include "measure/tdx/td_hob.hpp"

namespace hallmark::tdx {
namespace {

using bzimage::SetupHeader;

constexpr std::uint16_t kOldestProtocol = 0x202;
constexpr std::uint8_t kQemu = 0xb0;
constexpr std::uint32_t kRealMode = 0x10000;
constexpr std::uint32_t kCommandLine = 0x20000;
constexpr std::uint64_t kAcpiData = 0x28000;  // what QEMU keeps free for ACPI tables below the end of low memory
constexpr std::uint64_t kQemuLowMemory = 0xb0000000;

/// The header of a kernel that firmware can start.
Result<SetupHeader> read_header(ByteSpan kernel, const std::string& what) {
    HALLMARK_TRY(const SetupHeader header, bzimage::read_setup_header(kernel, what));
    if (header.protocol < kOldestProtocol)
        return bad_input(what + ": offset 0x206: boot protocol " + hex_number(header.protocol) +
                         ", expected 0x202 or newer: firmware can't start what is older");
    if ((header.load_flags & bzimage::kLoadedHigh) == 0)
        return bad_input(what + ": offset 0x211: a kernel that is loaded low, expected a bzImage");
    return header;
}

bool starts_with(std::string_view text, std::string_view word) { return text.substr(0, word.size()) == word; }

/// A number as C's strtoul reads it with base 0, up to a blank or the end.
std::optional<std::uint32_t> video_mode_number(std::string_view text) {
    text = text.substr(0, text.find(' '));
    int base = 10;
    if (starts_with(text, "0x") || starts_with(text, "0X")) {
        base = 16;
        text.remove_prefix(2);
    } else if (text.size() > 1 && text[0] == '0') {
        base = 8;
    }
    std::uint32_t value = 0;
    const auto* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value, base);
    if (error != std::errc{} || rest != end) return std::nullopt;
    return value;
}

/// What vga= on the command line asks for; nothing without it.
Result<std::optional<std::uint16_t>> video_mode(std::string_view command_line) {
    using Mode = std::optional<std::uint16_t>;
    const auto at = command_line.find("vga=");
    if (at == std::string_view::npos) return Mode{};
    const auto text = command_line.substr(at + 4);
    if (starts_with(text, "normal")) return Mode{std::uint16_t{0xffff}};
    if (starts_with(text, "ext")) return Mode{std::uint16_t{0xfffe}};
    if (starts_with(text, "ask")) return Mode{std::uint16_t{0xfffd}};
    const auto number = video_mode_number(text);
    if (!number)
        return bad_input("command line: vga=" + std::string(text.substr(0, 16)) +
                         ": QEMU refuses it, expected a number");
    return Mode{static_cast<std::uint16_t>(*number)};
}

/// The highest address that QEMU gives an initrd: what the kernel allows, and below the ACPI tables.
std::uint64_t initrd_limit(const SetupHeader& header, std::uint64_t memory) {
    std::uint64_t limit = 0x37ffffff;
    if (header.protocol >= bzimage::kProtocolOfExtendedFlags &&
        (header.extended_flags & bzimage::kLoadableAbove4G) != 0)
        limit = UINT32_MAX;
    else if (header.protocol >= bzimage::kProtocolOfInitrdLimit)
        limit = header.initrd_limit;
    const auto low = std::min(memory_below_4g(memory), kQemuLowMemory);
    return low > kAcpiData ? std::min(limit, low - kAcpiData - 1) : 0;
}

Status set_initrd(SetupHeader& header, const LoadedWith& with, const std::string& what) {
    if (!with.memory)
        return bad_input(what + ": where this QEMU puts the initrd follows from the memory; give --memory");
    const auto limit = initrd_limit(header, *with.memory);
    if (*with.initrd_size >= limit)
        return bad_input("initrd of " + std::to_string(*with.initrd_size) + " bytes, expected less than " +
                         std::to_string(limit) + " for this memory; QEMU refuses it");
    header.initrd_address = static_cast<std::uint32_t>((limit - *with.initrd_size) & ~std::uint64_t{0xfff});
    header.initrd_size = static_cast<std::uint32_t>(*with.initrd_size);
    return {};
}

}  // namespace

Status patch_setup_header(std::span<std::uint8_t> kernel, const LoadedWith& with, const std::string& what) {
    HALLMARK_TRY(SetupHeader header, read_header(kernel, what));
    HALLMARK_TRY(const auto mode, video_mode(with.command_line));
    if (mode) header.video_mode = *mode;
    header.loader_type = kQemu;
    header.load_flags |= bzimage::kCanUseHeap;
    header.heap_end = std::uint16_t{kCommandLine - kRealMode - 0x200};
    header.command_line_pointer = kCommandLine;
    if (with.initrd_size) HALLMARK_CHECK(set_initrd(header, with, what));
    bzimage::write_setup_header(kernel, header);
    return {};
}

std::optional<std::string> kernel_version(ByteSpan kernel) {
    const auto header = read_header(kernel, "");
    if (!header) return std::nullopt;
    const auto text = bzimage::version_text(kernel, *header);
    if (!text) return std::nullopt;
    const auto version = text->substr(0, text->find_first_not_of("0123456789."));
    return version.empty() ? std::nullopt : std::optional(std::string(version));
}

}  // namespace hallmark::tdx
