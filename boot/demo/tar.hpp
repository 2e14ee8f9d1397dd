// SPDX-License-Identifier: Apache-2.0
// Writes the layer of a container image.
// Source: IEEE Std 1003.1-2008, pax, "ustar Interchange Format"; OCI image specification 1.1, layer.md.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>

#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::boot::demo {

struct UstarHeader {
    std::array<char, 100> name{};       // 000
    std::array<char, 8> mode{};         // 064: octal, as all numbers here
    std::array<char, 8> owner{};        // 06c
    std::array<char, 8> group{};        // 074
    std::array<char, 12> size{};        // 07c
    std::array<char, 12> modified{};    // 088: seconds since 1970
    std::array<char, 8> checksum{};     // 094: of this block, itself read as spaces
    char kind = 0;                      // 09c
    std::array<char, 100> target{};     // 09d
    std::array<char, 6> magic{};        // 101
    std::array<char, 2> version{};      // 107
    std::array<char, 32> owner_name{};  // 109
    std::array<char, 32> group_name{};  // 129
    std::array<char, 8> major{};        // 149
    std::array<char, 8> minor{};        // 151
    std::array<char, 155> prefix{};     // 159
    std::array<char, 12> padding{};     // 1f4
};
static_assert(sizeof(UstarHeader) == 512 && alignof(UstarHeader) == 1);
static_assert(offsetof(UstarHeader, size) == 0x7c && offsetof(UstarHeader, checksum) == 0x94);
static_assert(offsetof(UstarHeader, kind) == 0x9c && offsetof(UstarHeader, magic) == 0x101);
static_assert(offsetof(UstarHeader, prefix) == 0x159);

enum class EntryKind : char { kFile = '0', kLink = '2', kFolder = '5' };

/// Something in a layer, owned by user and group 0.
struct Entry {
    std::string path;  ///< without a slash in front, at most 99 bytes
    EntryKind kind = EntryKind::kFile;
    ByteSpan content{};    ///< of a file
    std::string target{};  ///< of a symbolic link
};

/// The same bytes for the same entries, everywhere: all times are zero, all files may be read and executed by
/// everybody.
Result<Bytes> make_tar(std::span<const Entry> entries);

}  // namespace hallmark::boot::demo
