// SPDX-License-Identifier: Apache-2.0
// Bytes from one thread to another, in bounded memory and without copies that can be spared.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>

#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::layers {

/// One thread writes, one thread reads; each may end it for both with an error, and the first error stays.
class BytePipe {
public:
    /// `capacity`: bytes in flight at most; a piece that is handed out is at most a quarter of it, so that both sides
    /// can work at once. At least 4.
    explicit BytePipe(std::size_t capacity);

    /// The writer: where the next bytes go; waits until there is room. Never empty.
    Result<std::span<std::uint8_t>> room();
    /// The writer: that many bytes of room() are there now.
    void commit(std::size_t size);
    /// The writer: all of these, waiting as often as there is no room.
    Status push(ByteSpan bytes);
    /// The writer: nothing follows.
    void close();

    /// The reader: the next bytes, which stay until the next call; waits for them. Empty: the writer closed it, and
    /// all was read.
    Result<ByteSpan> next();

    /// Either side: no more. Who waits, or asks next, gets the error; what lies in the pipe is not given out.
    void fail(Error error);

private:
    const std::size_t largest_piece_;
    Bytes ring_;
    std::mutex mutex_;
    std::condition_variable has_room_;
    std::condition_variable has_bytes_;
    // Counted from the beginning, modulo nothing: 2⁶⁴ bytes never come.
    std::uint64_t written_ = 0;
    std::uint64_t read_ = 0;
    std::size_t lent_ = 0;  // to the reader, at the front of what is written
    bool closed_ = false;
    std::optional<Error> error_;
};

}  // namespace hallmark::layers
