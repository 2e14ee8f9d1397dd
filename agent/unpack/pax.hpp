// SPDX-License-Identifier: Apache-2.0
// The records that say what a tar header has no room for.
// Source: IEEE Std 1003.1-2017, pax, "pax Extended Header"; GNU tar 1.35 manual, "Storing Sparse Files" (GNU.sparse.*);
// star's SCHILY.xattr.*, which everybody writes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/unpack/entry.hpp"
#include "common/result.hpp"

namespace hallmark::unpack {

inline constexpr std::size_t kLargestPax = std::size_t{1} << 20U;     ///< bytes of all records of an entry, as in Go
inline constexpr std::size_t kLargestXattr = std::size_t{64} * 1024;  ///< bytes of a value: Linux' XATTR_SIZE_MAX
inline constexpr std::size_t kMostXattrs = 1024;                      ///< of an entry
inline constexpr std::size_t kMostExtents = std::size_t{1} << 18U;    ///< of a sparse file

struct Pax {
    std::optional<std::string> path;
    std::optional<std::string> link;
    std::optional<std::uint64_t> size;
    std::optional<std::uint64_t> uid;
    std::optional<std::uint64_t> gid;
    std::optional<Time> modified;
    std::optional<Time> accessed;
    Xattrs xattrs;

    // GNU.sparse.*: a map in the data (1.0), or here (0.0 and 0.1).
    bool sparse = false;
    bool map_in_data = false;
    std::optional<std::string> sparse_name;
    std::optional<std::uint64_t> real_size;
    std::vector<std::uint64_t> map;  ///< offset, size, offset, size…
};

/// Keywords that are not known are passed over, as the standard asks; an empty value is as if the record weren't there.
Result<Pax> parse_pax(std::string_view records);

/// Decimal digits and nothing else, at most 2⁶³-1.
Result<std::uint64_t> decimal(std::string_view text, std::string_view what);

}  // namespace hallmark::unpack
