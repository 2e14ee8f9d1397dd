// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <utility>

#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::unpack {

/// The next bytes, which stay until the next call; empty at the end.
using Pull = std::function<Result<ByteSpan>()>;

/// Bytes that come in pieces of any size, taken in pieces of another.
class ByteSource {
public:
    explicit ByteSource(Pull pull) : pull_(std::move(pull)) {}

    /// From 1 to `most` bytes, without a copy, which stay until the next call; empty only at the end.
    Result<ByteSpan> some(std::uint64_t most);
    /// Fills it; the number of bytes is smaller only at the end.
    Result<std::size_t> fill(std::span<std::uint8_t> to);
    /// Passes over that many; the number is smaller only at the end.
    Result<std::uint64_t> skip(std::uint64_t size);
    /// How many were taken.
    [[nodiscard]] std::uint64_t position() const { return position_; }

private:
    Pull pull_;
    ByteSpan piece_;
    std::uint64_t position_ = 0;
};

}  // namespace hallmark::unpack
