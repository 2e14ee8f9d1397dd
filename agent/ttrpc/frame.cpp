// SPDX-License-Identifier: Apache-2.0
#include "agent/ttrpc/frame.hpp"

#include <algorithm>
#include <utility>

namespace hallmark::ttrpc {
namespace {

constexpr std::size_t kRoom = 64U << 10;

}  // namespace

Bytes begin_frame(std::uint32_t stream, Type type, std::size_t size) {
    const Header header{static_cast<std::uint32_t>(size), stream, static_cast<std::uint8_t>(type), 0};
    Bytes frame(sizeof(header) + size);
    std::ranges::copy(as_bytes(header), frame.begin());
    return frame;
}

std::span<std::uint8_t> FrameDecoder::room() {
    if (header_size_ < sizeof(header_)) return as_writable_bytes(header_).subspan(header_size_);
    const std::size_t size = std::min(header_.length - data_size_, kRoom);
    if (header_.length > kLargestData) {
        data_.resize(kRoom);  // passed over: each part takes the place of the one before
        return std::span(data_).first(size);
    }
    // All of it at once, so that nothing is ever moved and left behind; what isn't touched costs no memory.
    data_.reserve(header_.length);
    data_.resize(data_size_ + size);
    return std::span(data_).subspan(data_size_);
}

std::optional<Frame> FrameDecoder::filled(std::size_t size) {
    if (header_size_ < sizeof(header_)) {
        header_size_ += size;
        if (header_size_ < sizeof(header_)) return std::nullopt;
    } else {
        data_size_ += size;
    }
    if (data_size_ < header_.length) return std::nullopt;
    return finished();
}

std::optional<Frame> FrameDecoder::finished() {
    Frame frame{.stream = header_.stream,
                .type = static_cast<Type>(header_.type),
                .flags = header_.flags,
                .data = {},
                .length = header_.length};
    if (frame.oversized()) {
        wipe(data_);
    } else {
        frame.data = Secret(std::exchange(data_, {}));
    }
    header_size_ = data_size_ = 0;
    return frame;
}

}  // namespace hallmark::ttrpc
