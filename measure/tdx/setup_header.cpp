// SPDX-License-Identifier: Apache-2.0
#include "measure/tdx/setup_header.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "common/endian.hpp"
#include "common/hex.hpp"
#include "measure/tdx/td_hob.hpp"

namespace hallmark::tdx {
namespace {

constexpr std::size_t kHeaderEnd = 0x238;     // behind the last field that is read or written here
constexpr std::uint32_t kMagic = 0x53726448;  // "HdrS"
constexpr std::uint16_t kOldestProtocol = 0x202;
constexpr std::uint16_t kProtocolOfFlags = 0x20c;    // has xloadflags
constexpr std::uint16_t kProtocolOfLimit = 0x203;    // has initrd_addr_max
constexpr std::uint16_t kLoadableAbove4G = 1U << 1;  // XLF_CAN_BE_LOADED_ABOVE_4G
constexpr std::uint8_t kCanUseHeap = 0x80;
constexpr std::uint8_t kLoadedHigh = 0x01;
constexpr std::uint8_t kQemu = 0xb0;
constexpr std::uint32_t kRealMode = 0x10000;
constexpr std::uint32_t kCommandLine = 0x20000;
constexpr std::uint64_t kAcpiData = 0x28000;  // what QEMU keeps free for ACPI tables below the end of low memory
constexpr std::uint64_t kQemuLowMemory = 0xb0000000;

// Offsets of the header's fields in the file.
enum Field : std::size_t {
    kVideoMode = 0x1fa,
    kHeaderMagic = 0x202,
    kProtocol = 0x206,
    kVersionText = 0x20e,
    kLoaderType = 0x210,
    kLoadFlags = 0x211,
    kInitrdAddress = 0x218,
    kInitrdSize = 0x21c,
    kHeapEnd = 0x224,
    kCommandLinePointer = 0x228,
    kInitrdLimit = 0x22c,
    kExtendedFlags = 0x236,
};

template <class T>
T read(std::span<const std::uint8_t> kernel, Field at) {
    T value;
    std::memcpy(static_cast<void*>(&value), kernel.data() + at, sizeof value);
    return value;
}

template <class T>
void write(std::span<std::uint8_t> kernel, Field at, T value) {
    std::memcpy(kernel.data() + at, &value, sizeof value);
}

Status check_kernel(std::span<const std::uint8_t> kernel, const std::string& what) {
    if (kernel.size() < kHeaderEnd)
        return bad_input(what + ": " + std::to_string(kernel.size()) + " bytes, too short for a Linux kernel");
    if (const auto magic = read<Le32>(kernel, kHeaderMagic); magic != kMagic)
        return bad_input(what + ": offset 0x202: found " + hex_number(magic) + ", expected " + hex_number(kMagic) +
                         " (HdrS) of a Linux kernel");
    if (const auto protocol = read<Le16>(kernel, kProtocol); protocol < kOldestProtocol)
        return bad_input(what + ": offset 0x206: boot protocol " + hex_number(protocol) +
                         ", expected 0x202 or newer: firmware can't start what is older");
    if ((kernel[kLoadFlags] & kLoadedHigh) == 0)
        return bad_input(what + ": offset 0x211: a kernel that is loaded low, expected a bzImage");
    return {};
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
std::uint64_t initrd_limit(std::span<const std::uint8_t> kernel, std::uint64_t memory) {
    const auto protocol = read<Le16>(kernel, kProtocol);
    std::uint64_t limit = 0x37ffffff;
    if (protocol >= kProtocolOfFlags && (read<Le16>(kernel, kExtendedFlags) & kLoadableAbove4G) != 0)
        limit = UINT32_MAX;
    else if (protocol >= kProtocolOfLimit)
        limit = read<Le32>(kernel, kInitrdLimit);
    const auto low = std::min(memory_below_4g(memory), kQemuLowMemory);
    return low > kAcpiData ? std::min(limit, low - kAcpiData - 1) : 0;
}

Status patch_initrd(std::span<std::uint8_t> kernel, const LoadedWith& with, const std::string& what) {
    if (!with.memory)
        return bad_input(what + ": where this QEMU puts the initrd follows from the memory; give --memory");
    const auto limit = initrd_limit(kernel, *with.memory);
    if (*with.initrd_size >= limit)
        return bad_input("initrd of " + std::to_string(*with.initrd_size) + " bytes, expected less than " +
                         std::to_string(limit) + " for this memory; QEMU refuses it");
    write(kernel, kInitrdAddress,
          Le32(static_cast<std::uint32_t>((limit - *with.initrd_size) & ~std::uint64_t{0xfff})));
    write(kernel, kInitrdSize, Le32(static_cast<std::uint32_t>(*with.initrd_size)));
    return {};
}

}  // namespace

Status patch_setup_header(std::span<std::uint8_t> kernel, const LoadedWith& with, const std::string& what) {
    HALLMARK_CHECK(check_kernel(kernel, what));
    HALLMARK_TRY(const auto mode, video_mode(with.command_line));
    if (mode) write(kernel, kVideoMode, Le16(*mode));
    kernel[kLoaderType] = kQemu;
    kernel[kLoadFlags] |= kCanUseHeap;
    write(kernel, kHeapEnd, Le16(std::uint16_t{kCommandLine - kRealMode - 0x200}));
    write(kernel, kCommandLinePointer, Le32(kCommandLine));
    if (with.initrd_size) return patch_initrd(kernel, with, what);
    return {};
}

std::optional<std::string> kernel_version(std::span<const std::uint8_t> kernel) {
    constexpr std::size_t kMostText = 64;
    if (!check_kernel(kernel, "")) return std::nullopt;
    const auto at = std::size_t{0x200} + read<Le16>(kernel, kVersionText);
    if (at == 0x200 || at >= kernel.size()) return std::nullopt;
    const auto text = kernel.subspan(at, std::min(kMostText, kernel.size() - at));
    const auto end = std::ranges::find_if(text, [](std::uint8_t c) { return (c < '0' || c > '9') && c != '.'; });
    if (end == text.begin()) return std::nullopt;
    return std::string(text.begin(), end);
}

}  // namespace hallmark::tdx
