// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstring>
#include <string>

#include "common/bytes.hpp"
#include "common/hex.hpp"
#include "common/result.hpp"

namespace hallmark {

/// A bounds-checked cursor over bytes from outside. Every step either stays inside or is an error that says where.
class Reader {
public:
    /// `what` names the bytes in errors; `base` is the offset of the first byte in the file or message they come from.
    Reader(ByteSpan bytes, std::string what, std::size_t base = 0)
        : bytes_(bytes), what_(std::move(what)), base_(base) {}

    [[nodiscard]] std::size_t remaining() const { return bytes_.size() - position_; }
    /// Offset of the next byte in the file or message.
    [[nodiscard]] std::size_t offset() const { return base_ + position_; }

    /// The next `size` bytes, borrowed from the input.
    Result<ByteSpan> bytes(std::size_t size) {
        if (size > remaining())
            return bad_input(what_ + ": offset " + hex_number(offset()) + ": " + std::to_string(remaining()) +
                             " bytes left, expected " + std::to_string(size));
        const auto taken = bytes_.subspan(position_, size);
        position_ += size;
        return taken;
    }

    /// The next wire structure, copied.
    template <class T>
    Result<T> structure() {
        static_assert(std::is_trivially_copyable_v<T> && alignof(T) == 1);
        HALLMARK_TRY(const ByteSpan raw, bytes(sizeof(T)));
        T value;
        std::memcpy(static_cast<void*>(&value), raw.data(), sizeof(T));
        return value;
    }

    /// No byte may be left over.
    [[nodiscard]] Status finished() const {
        if (remaining() == 0) return {};
        return bad_input(what_ + ": offset " + hex_number(offset()) + ": " + std::to_string(remaining()) +
                         " bytes left over, expected the end");
    }

private:
    ByteSpan bytes_;
    std::string what_;
    std::size_t base_;
    std::size_t position_ = 0;
};

}  // namespace hallmark
