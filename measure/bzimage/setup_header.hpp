// SPDX-License-Identifier: Apache-2.0
// The setup header of a Linux kernel image for x86: what it tells a boot loader.
// Source: Linux 6.12, Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header", protocol 2.15.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/bytes.hpp"
#include "common/endian.hpp"
#include "common/result.hpp"

namespace hallmark::bzimage {

constexpr std::size_t kHeaderOffset = 0x1f1;
constexpr std::size_t kHeaderEnd = 0x26c;
constexpr std::uint16_t kBootFlag = 0xaa55;
constexpr std::uint32_t kMagic = 0x53726448;  // "HdrS"

// Bits of load_flags and extended_flags (loadflags, xloadflags).
constexpr std::uint8_t kLoadedHigh = 1U << 0;
constexpr std::uint8_t kCanUseHeap = 1U << 7;
constexpr std::uint16_t kKernel64 = 1U << 0;
constexpr std::uint16_t kLoadableAbove4G = 1U << 1;
constexpr std::uint16_t kHandover32 = 1U << 2;
constexpr std::uint16_t kHandover64 = 1U << 3;

// The protocol versions that some fields came with.
constexpr std::uint16_t kProtocolOfInitrdLimit = 0x203;
constexpr std::uint16_t kProtocolOfRelocation = 0x205;
constexpr std::uint16_t kProtocolOfCommandLineSize = 0x206;
constexpr std::uint16_t kProtocolOfPayload = 0x208;
constexpr std::uint16_t kProtocolOfInitSize = 0x20a;
constexpr std::uint16_t kProtocolOfHandover = 0x20b;
constexpr std::uint16_t kProtocolOfExtendedFlags = 0x20c;

/// Offsets are those of the file.
struct SetupHeader {
    std::uint8_t setup_sectors = 0;        // 1f1: of 512 bytes behind the first; 0 means 4
    Le16 root_flags;                       // 1f2
    Le32 system_size;                      // 1f4: of the protected-mode code, in units of 16 bytes
    Le16 ram_size;                         // 1f8
    Le16 video_mode;                       // 1fa
    Le16 root_device;                      // 1fc
    Le16 boot_flag;                        // 1fe
    Le16 jump;                             // 200
    Le32 magic;                            // 202
    Le16 protocol;                         // 206
    Le32 real_mode_switch;                 // 208
    Le16 start_segment;                    // 20c
    Le16 version_text;                     // 20e: of a text, from 0x200; 0 where there is none
    std::uint8_t loader_type = 0;          // 210
    std::uint8_t load_flags = 0;           // 211
    Le16 setup_move_size;                  // 212
    Le32 code32_start;                     // 214
    Le32 initrd_address;                   // 218
    Le32 initrd_size;                      // 21c
    Le32 bootsect_kludge;                  // 220
    Le16 heap_end;                         // 224
    std::uint8_t loader_version = 0;       // 226
    std::uint8_t extended_loader = 0;      // 227
    Le32 command_line_pointer;             // 228
    Le32 initrd_limit;                     // 22c: its highest address
    Le32 kernel_alignment;                 // 230
    std::uint8_t relocatable = 0;          // 234
    std::uint8_t min_alignment_power = 0;  // 235: of two
    Le16 extended_flags;                   // 236
    Le32 command_line_size;                // 238: the longest, without its NUL
    Le32 subarchitecture;                  // 23c
    Le64 subarchitecture_data;             // 240
    Le32 payload_offset;                   // 248: from the protected-mode code
    Le32 payload_size;                     // 24c
    Le64 setup_data;                       // 250
    Le64 preferred_address;                // 258
    Le32 init_size;                        // 260: memory that the kernel needs to start
    Le32 handover_offset;                  // 264
    Le32 kernel_info_offset;               // 268
};
static_assert(sizeof(SetupHeader) == kHeaderEnd - kHeaderOffset && alignof(SetupHeader) == 1);
static_assert(offsetof(SetupHeader, root_flags) == 0x1f2 - kHeaderOffset);
static_assert(offsetof(SetupHeader, system_size) == 0x1f4 - kHeaderOffset);
static_assert(offsetof(SetupHeader, ram_size) == 0x1f8 - kHeaderOffset);
static_assert(offsetof(SetupHeader, video_mode) == 0x1fa - kHeaderOffset);
static_assert(offsetof(SetupHeader, root_device) == 0x1fc - kHeaderOffset);
static_assert(offsetof(SetupHeader, boot_flag) == 0x1fe - kHeaderOffset);
static_assert(offsetof(SetupHeader, jump) == 0x200 - kHeaderOffset);
static_assert(offsetof(SetupHeader, magic) == 0x202 - kHeaderOffset);
static_assert(offsetof(SetupHeader, protocol) == 0x206 - kHeaderOffset);
static_assert(offsetof(SetupHeader, real_mode_switch) == 0x208 - kHeaderOffset);
static_assert(offsetof(SetupHeader, start_segment) == 0x20c - kHeaderOffset);
static_assert(offsetof(SetupHeader, version_text) == 0x20e - kHeaderOffset);
static_assert(offsetof(SetupHeader, loader_type) == 0x210 - kHeaderOffset);
static_assert(offsetof(SetupHeader, load_flags) == 0x211 - kHeaderOffset);
static_assert(offsetof(SetupHeader, setup_move_size) == 0x212 - kHeaderOffset);
static_assert(offsetof(SetupHeader, code32_start) == 0x214 - kHeaderOffset);
static_assert(offsetof(SetupHeader, initrd_address) == 0x218 - kHeaderOffset);
static_assert(offsetof(SetupHeader, initrd_size) == 0x21c - kHeaderOffset);
static_assert(offsetof(SetupHeader, bootsect_kludge) == 0x220 - kHeaderOffset);
static_assert(offsetof(SetupHeader, heap_end) == 0x224 - kHeaderOffset);
static_assert(offsetof(SetupHeader, loader_version) == 0x226 - kHeaderOffset);
static_assert(offsetof(SetupHeader, extended_loader) == 0x227 - kHeaderOffset);
static_assert(offsetof(SetupHeader, command_line_pointer) == 0x228 - kHeaderOffset);
static_assert(offsetof(SetupHeader, initrd_limit) == 0x22c - kHeaderOffset);
static_assert(offsetof(SetupHeader, kernel_alignment) == 0x230 - kHeaderOffset);
static_assert(offsetof(SetupHeader, relocatable) == 0x234 - kHeaderOffset);
static_assert(offsetof(SetupHeader, min_alignment_power) == 0x235 - kHeaderOffset);
static_assert(offsetof(SetupHeader, extended_flags) == 0x236 - kHeaderOffset);
static_assert(offsetof(SetupHeader, command_line_size) == 0x238 - kHeaderOffset);
static_assert(offsetof(SetupHeader, subarchitecture) == 0x23c - kHeaderOffset);
static_assert(offsetof(SetupHeader, subarchitecture_data) == 0x240 - kHeaderOffset);
static_assert(offsetof(SetupHeader, payload_offset) == 0x248 - kHeaderOffset);
static_assert(offsetof(SetupHeader, payload_size) == 0x24c - kHeaderOffset);
static_assert(offsetof(SetupHeader, setup_data) == 0x250 - kHeaderOffset);
static_assert(offsetof(SetupHeader, preferred_address) == 0x258 - kHeaderOffset);
static_assert(offsetof(SetupHeader, init_size) == 0x260 - kHeaderOffset);
static_assert(offsetof(SetupHeader, handover_offset) == 0x264 - kHeaderOffset);
static_assert(offsetof(SetupHeader, kernel_info_offset) == 0x268 - kHeaderOffset);

/// The header of a kernel; of protocols before 2.15 what stands where its last fields would be means nothing.
/// `what` names the kernel in errors.
Result<SetupHeader> read_setup_header(ByteSpan kernel, const std::string& what);

/// Writes it back. The kernel is one whose header was read.
void write_setup_header(std::span<std::uint8_t> kernel, const SetupHeader& header);

/// "6.12.117-amd64 (builder@host) #1 …"; nothing where it isn't in the file.
[[nodiscard]] std::optional<std::string_view> version_text(ByteSpan kernel, const SetupHeader& header);

/// Where the protected-mode code begins in the file.
[[nodiscard]] std::size_t code_offset(const SetupHeader& header);

/// What the kernel itself unpacks: empty where the header names none, an error where it isn't in the file.
Result<ByteSpan> payload(ByteSpan kernel, const SetupHeader& header, const std::string& what);

/// How a payload is packed, by what it begins with: "gzip", "bzip2", "lzma", "xz", "lzo", "lz4", "zstd" or "ELF";
/// "unknown".
[[nodiscard]] std::string_view packing(ByteSpan payload);

}  // namespace hallmark::bzimage
