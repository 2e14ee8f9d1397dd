// SPDX-License-Identifier: Apache-2.0
#include "agent/unpack/sparse_map.hpp"

#include <string>

#include "agent/unpack/pax.hpp"

namespace hallmark::unpack {

Result<std::vector<Extent>> extents_of(std::span<const std::uint64_t> map, std::uint64_t size, std::uint64_t stored) {
    std::vector<Extent> extents;
    if (map.size() % 2 != 0) return bad_input("a sparse map with an offset and no size");
    std::uint64_t end = 0;
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < map.size(); i += 2) {
        const Extent extent{map[i], map[i + 1]};
        if (extent.offset < end || extent.offset > size || extent.size > size - extent.offset)
            return bad_input("a sparse map whose extents are not in order and within the file");
        end = extent.offset + extent.size;
        sum += extent.size;
        if (extent.size != 0) extents.push_back(extent);
    }
    if (sum != stored)
        return bad_input("a sparse map of " + std::to_string(sum) + " bytes for an entry of " + std::to_string(stored));
    return extents;
}

Status append_fields(std::vector<std::uint64_t>& map, std::span<const SparseField> fields) {
    for (const auto& field : fields) {
        if (field.offset[0] == 0) break;
        if (map.size() == 2 * kMostExtents) return bad_input("a sparse map with more extents than a file may have");
        for (const ByteSpan number : {ByteSpan(field.offset), ByteSpan(field.size)}) {
            HALLMARK_TRY(const auto value, field_number(number, "sparse map"));
            if (value < 0) return bad_input("sparse map: a number below 0");
            map.push_back(static_cast<std::uint64_t>(value));
        }
    }
    return {};
}

Status SparseMapText::take(ByteSpan block) {
    for (const auto byte : block) {
        // Of the block after the last number nothing counts.
        if (complete()) return {};
        if (byte != '\n') {
            digits_ += static_cast<char>(byte);
            if (digits_.size() > 20) return bad_input("sparse map: a number beyond 64 bits");
            continue;
        }
        HALLMARK_TRY(const auto number, decimal(digits_, "sparse map"));
        digits_.clear();
        if (expected_) {
            map_.push_back(number);
        } else if (number > kMostExtents) {
            return bad_input("sparse map: " + std::to_string(number) + " extents, expected at most " +
                             std::to_string(kMostExtents));
        } else {
            expected_ = 2 * number;
        }
    }
    return {};
}

}  // namespace hallmark::unpack
