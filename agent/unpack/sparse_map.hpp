// SPDX-License-Identifier: Apache-2.0
// Which bytes of a sparse file are there.
// Source: GNU tar 1.35 manual, "Storing Sparse Files".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/unpack/entry.hpp"
#include "agent/unpack/tar_header.hpp"
#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::unpack {

/// The extents of a map of offsets and sizes in turns, if they are in order, within `size`, and `stored` bytes
/// together.
Result<std::vector<Extent>> extents_of(std::span<const std::uint64_t> map, std::uint64_t size, std::uint64_t stored);

/// Appends what the fields of a header say; one that begins with NUL ends the list.
Status append_fields(std::vector<std::uint64_t>& map, std::span<const SparseField> fields);

/// Version 1.0: how many extents, then offset and size of each; decimal numbers, each in a line of its own.
class SparseMapText {
public:
    Status take(ByteSpan block);
    [[nodiscard]] bool complete() const { return expected_ && map_.size() == *expected_; }
    [[nodiscard]] const std::vector<std::uint64_t>& map() const { return map_; }

private:
    std::optional<std::uint64_t> expected_;  // numbers
    std::vector<std::uint64_t> map_;
    std::string digits_;
};

}  // namespace hallmark::unpack
