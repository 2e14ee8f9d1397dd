// SPDX-License-Identifier: Apache-2.0
// What a tar says about one file, whatever form it says it in.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/bytes.hpp"

namespace hallmark::unpack {

enum class Type : std::uint8_t { kFile, kHardLink, kSymbolicLink, kCharacterDevice, kBlockDevice, kFolder, kFifo };

struct Time {
    std::int64_t seconds = 0;  ///< since 1970, UTC; negative: before
    std::uint32_t nanoseconds = 0;

    auto operator<=>(const Time&) const = default;
};

/// Bytes of a file that are stored; between them are holes.
struct Extent {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;

    bool operator==(const Extent&) const = default;
};

using Xattrs = std::vector<std::pair<std::string, Bytes>>;

struct Entry {
    Type type = Type::kFile;
    std::string name;        ///< as it is written: not empty, no NUL, at most kLongestName bytes
    std::string link;        ///< of a link, likewise; else empty
    std::uint32_t mode = 0;  ///< the lower twelve bits
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::uint32_t major = 0;  ///< of a device
    std::uint32_t minor = 0;
    Time modified;
    Time accessed;
    Xattrs xattrs;
    std::uint64_t size = 0;  ///< of a file, with its holes; else 0
    bool sparse = false;
    std::vector<Extent> extents;  ///< ascending, apart, within the size
};

inline constexpr std::size_t kLongestName = 4096;  ///< Linux' PATH_MAX, for names and targets of links

}  // namespace hallmark::unpack
