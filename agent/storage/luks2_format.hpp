// SPDX-License-Identifier: Apache-2.0
// The binary header of LUKS2.
// Source: LUKS2 On-Disk Format Specification, version 1.1.4, sections 2.1 (binary header) and 2.2 (two copies).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/endian.hpp"

namespace hallmark::storage::luks2 {

using namespace std::string_view_literals;

constexpr auto kFirstMagic = "LUKS\xba\xbe"sv;
constexpr auto kSecondMagic = "SKUL\xba\xbe"sv;
constexpr std::uint16_t kVersion = 2;

/// Big-endian; behind it the metadata, JSON and zero bytes, up to `header_size`; behind that the second copy.
struct BinaryHeader {
    std::array<char, 6> magic;
    Be<std::uint16_t> version;
    Be<std::uint64_t> header_size;  ///< of this header and its metadata
    Be<std::uint64_t> sequence;     ///< counts up with every change
    std::array<char, 48> label;
    std::array<char, 32> checksum_algorithm;
    std::array<std::uint8_t, 64> salt;  ///< another one in each copy
    std::array<char, 40> uuid;
    std::array<char, 48> subsystem;
    Be<std::uint64_t> header_offset;  ///< from the beginning of the device
    std::array<std::uint8_t, 184> reserved_108;
    std::array<std::uint8_t, 64> checksum;  ///< over header and metadata, with this field zero
    std::array<std::uint8_t, 3584> reserved_200;
};
static_assert(sizeof(BinaryHeader) == 4096);
static_assert(offsetof(BinaryHeader, version) == 0x006);
static_assert(offsetof(BinaryHeader, header_size) == 0x008);
static_assert(offsetof(BinaryHeader, sequence) == 0x010);
static_assert(offsetof(BinaryHeader, label) == 0x018);
static_assert(offsetof(BinaryHeader, checksum_algorithm) == 0x048);
static_assert(offsetof(BinaryHeader, salt) == 0x068);
static_assert(offsetof(BinaryHeader, uuid) == 0x0a8);
static_assert(offsetof(BinaryHeader, subsystem) == 0x0d0);
static_assert(offsetof(BinaryHeader, header_offset) == 0x100);
static_assert(offsetof(BinaryHeader, reserved_108) == 0x108);
static_assert(offsetof(BinaryHeader, checksum) == 0x1c0);
static_assert(offsetof(BinaryHeader, reserved_200) == 0x200);

/// Of the one layout that is accepted here, cryptsetup's own: two headers of this size, one key slot, the data.
constexpr std::size_t kHeaderSize = 16 * 1024;
constexpr std::size_t kKeySlotOffset = 2 * kHeaderSize;
constexpr std::size_t kKeySlotSize = 385'024;  ///< 4,000 stripes of a key of 96 bytes, in whole pages
constexpr std::size_t kDataOffset = 16UL * 1024 * 1024;
/// What of a device is ever read before its header is believed.
constexpr std::size_t kMetadataSize = kKeySlotOffset + kKeySlotSize;

}  // namespace hallmark::storage::luks2
