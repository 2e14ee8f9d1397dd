// SPDX-License-Identifier: Apache-2.0
#include "agent/layers/byte_pipe.hpp"

#include <algorithm>
#include <utility>

namespace hallmark::layers {

BytePipe::BytePipe(std::size_t capacity) : largest_piece_(capacity / 4), ring_(capacity) {}

Result<std::span<std::uint8_t>> BytePipe::room() {
    std::unique_lock lock(mutex_);
    has_room_.wait(lock, [this] { return error_ || written_ - read_ < ring_.size(); });
    if (error_) return std::unexpected(*error_);
    const auto at = static_cast<std::size_t>(written_ % ring_.size());
    const auto free = ring_.size() - static_cast<std::size_t>(written_ - read_);
    return std::span(ring_).subspan(at, std::min({free, ring_.size() - at, largest_piece_}));
}

void BytePipe::commit(std::size_t size) {
    {
        const std::scoped_lock lock(mutex_);
        written_ += size;
    }
    has_bytes_.notify_one();
}

Status BytePipe::push(ByteSpan bytes) {
    while (!bytes.empty()) {
        HALLMARK_TRY(const auto free, room());
        const auto piece = bytes.first(std::min(bytes.size(), free.size()));
        std::ranges::copy(piece, free.begin());
        commit(piece.size());
        bytes = bytes.subspan(piece.size());
    }
    return {};
}

void BytePipe::close() {
    {
        const std::scoped_lock lock(mutex_);
        closed_ = true;
    }
    has_bytes_.notify_one();
}

Result<ByteSpan> BytePipe::next() {
    std::unique_lock lock(mutex_);
    if (lent_ != 0) {
        read_ += std::exchange(lent_, 0);
        has_room_.notify_one();
    }
    has_bytes_.wait(lock, [this] { return error_ || closed_ || written_ != read_; });
    if (error_) return std::unexpected(*error_);
    const auto at = static_cast<std::size_t>(read_ % ring_.size());
    const auto there = static_cast<std::size_t>(written_ - read_);
    lent_ = std::min({there, ring_.size() - at, largest_piece_});
    return ByteSpan(ring_).subspan(at, lent_);
}

void BytePipe::fail(Error error) {
    {
        const std::scoped_lock lock(mutex_);
        if (!error_) error_ = std::move(error);
    }
    has_room_.notify_one();
    has_bytes_.notify_one();
}

}  // namespace hallmark::layers
