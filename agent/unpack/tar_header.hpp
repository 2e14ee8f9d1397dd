// SPDX-License-Identifier: Apache-2.0
// The blocks of a tar.
// Source: IEEE Std 1003.1-2017, pax, "ustar Interchange Format"; GNU tar 1.35 manual, "Basic Tar Format" and "Storing
// Sparse Files" (the GNU forms).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::unpack {

inline constexpr std::size_t kBlock = 512;

template <std::size_t size>
using Field = std::array<std::uint8_t, size>;

struct TarHeader {
    Field<100> name;
    Field<8> mode;
    Field<8> uid;
    Field<8> gid;
    Field<12> size;
    Field<12> modified;
    Field<8> checksum;
    std::uint8_t type;
    Field<100> link;
    Field<8> magic;  // "ustar\0" and "00"; GNU: "ustar  \0"; older: anything
    Field<32> user;
    Field<32> group;
    Field<8> major;
    Field<8> minor;
    Field<155> prefix;
    Field<12> reserved_1f4;
};
static_assert(sizeof(TarHeader) == kBlock);
static_assert(offsetof(TarHeader, mode) == 100);
static_assert(offsetof(TarHeader, size) == 124);
static_assert(offsetof(TarHeader, checksum) == 148);
static_assert(offsetof(TarHeader, type) == 156);
static_assert(offsetof(TarHeader, magic) == 257);
static_assert(offsetof(TarHeader, major) == 329);
static_assert(offsetof(TarHeader, prefix) == 345);
static_assert(offsetof(TarHeader, reserved_1f4) == 500);

struct SparseField {
    Field<12> offset;
    Field<12> size;
};

/// What type 'S' has in place of the prefix.
struct SparseHeader {
    Field<386> before;
    std::array<SparseField, 4> extents;
    std::uint8_t more;  // not 0: SparseBlock follows
    Field<12> real_size;
    Field<17> reserved_1ef;
};
static_assert(sizeof(SparseHeader) == kBlock);
static_assert(offsetof(SparseHeader, extents) == 386);
static_assert(offsetof(SparseHeader, more) == 482);
static_assert(offsetof(SparseHeader, real_size) == 483);

struct SparseBlock {
    std::array<SparseField, 21> extents;
    std::uint8_t more;
    Field<7> reserved_1f9;
};
static_assert(sizeof(SparseBlock) == kBlock);
static_assert(offsetof(SparseBlock, more) == 504);

/// The sum of all bytes with the field itself as spaces; old writers took bytes as signed.
[[nodiscard]] bool checksum_is_right(const TarHeader& header);

/// Octal digits between spaces and NULs, or GNU's base 256, which may be negative.
Result<std::int64_t> field_number(ByteSpan field, std::string_view what);

/// Up to the first NUL, or all of it.
std::string_view field_text(ByteSpan field);

/// The name with its prefix, where the form has one.
std::string name_of(const TarHeader& header);

/// Whether major and minor numbers are there: the forms before POSIX' had none.
[[nodiscard]] bool has_devices(const TarHeader& header);

}  // namespace hallmark::unpack
