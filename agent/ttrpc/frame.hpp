// SPDX-License-Identifier: Apache-2.0
// Frames of ttrpc (github.com/containerd/ttrpc, PROTOCOL.md): a header and up to 4 MiB of data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "common/bytes.hpp"
#include "common/endian.hpp"
#include "common/secret.hpp"

namespace hallmark::ttrpc {

enum class Type : std::uint8_t { kRequest = 1, kResponse = 2, kData = 3 };

/// Of a request; 0 is a call with one message each way.
enum Flag : std::uint8_t {
    kRemoteClosed = 1,  ///< the caller sends nothing more on this stream
    kRemoteOpen = 2,    ///< the caller is going to send data on this stream
};

struct Header {
    Be32 length;  ///< of the data, in bytes
    Be32 stream;
    std::uint8_t type = 0;
    std::uint8_t flags = 0;
};
static_assert(sizeof(Header) == 10 && alignof(Header) == 1);
static_assert(offsetof(Header, length) == 0 && offsetof(Header, stream) == 4);
static_assert(offsetof(Header, type) == 8 && offsetof(Header, flags) == 9);

inline constexpr std::size_t kLargestData = 4U << 20;

struct Frame {
    std::uint32_t stream = 0;
    Type type{};  ///< as it was read: other values than the named ones occur
    std::uint8_t flags = 0;
    Secret data;
    std::size_t length = 0;  ///< of the data as announced; where it is over kLargestData, `data` is empty

    [[nodiscard]] bool oversized() const { return length > kLargestData; }
};

/// A frame's header, with room for `size` bytes of data behind it.
Bytes begin_frame(std::uint32_t stream, Type type, std::size_t size);

/// Takes a stream of bytes apart into frames. Memory grows with what has arrived, not with what was announced; the data
/// of an oversized frame is passed over. What an unfinished frame holds is wiped.
class FrameDecoder {
public:
    FrameDecoder() = default;
    FrameDecoder(FrameDecoder&&) = default;
    FrameDecoder& operator=(FrameDecoder&&) = default;
    FrameDecoder(const FrameDecoder&) = delete;
    FrameDecoder& operator=(const FrameDecoder&) = delete;
    ~FrameDecoder() { wipe(data_); }

    /// Where the next bytes of the peer go; never empty. It is ours until the next call of filled().
    std::span<std::uint8_t> room();
    /// The first `size` bytes of the room were filled: the frame, if the last of it was among them.
    std::optional<Frame> filled(std::size_t size);
    /// Whether part of a frame has arrived.
    [[nodiscard]] bool partial() const { return header_size_ > 0; }

private:
    std::optional<Frame> finished();

    Header header_;
    std::size_t header_size_ = 0;  ///< of the header, how many bytes have arrived
    std::size_t data_size_ = 0;    ///< of the data, likewise
    Bytes data_;                   ///< what has arrived, and room at its end
};

}  // namespace hallmark::ttrpc
