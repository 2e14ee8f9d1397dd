// SPDX-License-Identifier: Apache-2.0
#include "agent/unpack/byte_source.hpp"

#include <algorithm>

namespace hallmark::unpack {

Result<ByteSpan> ByteSource::some(std::uint64_t most) {
    if (piece_.empty()) {
        HALLMARK_TRY(piece_, pull_());
    }
    const auto taken = piece_.first(static_cast<std::size_t>(std::min<std::uint64_t>(most, piece_.size())));
    piece_ = piece_.subspan(taken.size());
    position_ += taken.size();
    return taken;
}

Result<std::size_t> ByteSource::fill(std::span<std::uint8_t> to) {
    std::size_t filled = 0;
    while (filled < to.size()) {
        HALLMARK_TRY(const ByteSpan piece, some(to.size() - filled));
        if (piece.empty()) break;
        std::ranges::copy(piece, to.subspan(filled).begin());
        filled += piece.size();
    }
    return filled;
}

Result<std::uint64_t> ByteSource::skip(std::uint64_t size) {
    std::uint64_t skipped = 0;
    while (skipped < size) {
        HALLMARK_TRY(const ByteSpan piece, some(size - skipped));
        if (piece.empty()) break;
        skipped += piece.size();
    }
    return skipped;
}

}  // namespace hallmark::unpack
