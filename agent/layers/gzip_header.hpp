// SPDX-License-Identifier: Apache-2.0
// The header of a gzip member that comes in pieces: ISA-L 2.30 loses its place where an optional field is split.
// Source: RFC 1952, section 2.3.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::layers {

class GzipHeader {
public:
    /// Takes the header's next bytes and says how many of these they are: all, where it isn't done() afterwards.
    Result<std::size_t> take(ByteSpan bytes);
    [[nodiscard]] bool done() const { return state_ == State::kDone; }

private:
    enum class State : std::uint8_t { kFixed, kExtraSize, kExtra, kName, kComment, kChecksum, kDone };
    Status take_byte(std::uint8_t byte);
    Status take_fixed(std::uint8_t byte);
    void go_to(State state);

    State state_ = State::kFixed;
    std::size_t count_ = 0;  // bytes of the field so far
    std::size_t extra_ = 0;  // bytes that the extra field has
    std::uint8_t flags_ = 0;
    std::uint32_t crc_ = 0;
    std::uint32_t checksum_ = 0;
};

}  // namespace hallmark::layers
