// SPDX-License-Identifier: Apache-2.0
#include "agent/layers/gzip_header.hpp"

#include <isa-l/crc.h>

namespace hallmark::layers {
namespace {

constexpr std::uint8_t kMagic[] = {0x1F, 0x8B};
constexpr std::uint8_t kDeflate = 8;
constexpr std::size_t kFixedSize = 10;

constexpr std::uint8_t kHeaderChecksum = 1U << 1U;
constexpr std::uint8_t kExtra = 1U << 2U;
constexpr std::uint8_t kName = 1U << 3U;
constexpr std::uint8_t kComment = 1U << 4U;
constexpr std::uint8_t kReserved = 0xE0;

}  // namespace

Result<std::size_t> GzipHeader::take(ByteSpan bytes) {
    std::size_t taken = 0;
    for (; taken < bytes.size() && !done(); ++taken) {
        const auto byte = bytes[taken];
        // The checksum is over all that comes before it.
        if (state_ != State::kChecksum) crc_ = ::crc32_gzip_refl(crc_, &byte, 1);
        HALLMARK_CHECK(take_byte(byte));
    }
    return taken;
}

Status GzipHeader::take_byte(std::uint8_t byte) {
    ++count_;
    switch (state_) {
        case State::kFixed:
            return take_fixed(byte);
        case State::kExtraSize:
            extra_ |= std::size_t{byte} << (count_ - 1) * 8;
            if (count_ == 2) go_to(extra_ == 0 ? State::kName : State::kExtra);
            return {};
        case State::kExtra:
            if (count_ == extra_) go_to(State::kName);
            return {};
        case State::kName:
            if (byte == 0) go_to(State::kComment);
            return {};
        case State::kComment:
            if (byte == 0) go_to(State::kChecksum);
            return {};
        case State::kChecksum:
            checksum_ |= std::uint32_t{byte} << (count_ - 1) * 8;
            if (count_ < 2) return {};
            if (checksum_ != (crc_ & 0xFFFFU)) return bad_input("gzip: the checksum of a header is wrong");
            go_to(State::kDone);
            return {};
        case State::kDone:
            break;
    }
    return {};
}

Status GzipHeader::take_fixed(std::uint8_t byte) {
    if (count_ <= sizeof kMagic && byte != kMagic[count_ - 1])
        return bad_input("gzip: found no gzip header, expected one");
    if (count_ == 3 && byte != kDeflate) return bad_input("gzip: compressed by an unknown method, expected deflate");
    if (count_ == 4) {
        if ((byte & kReserved) != 0) return bad_input("gzip: a header has reserved flags");
        flags_ = byte;
    }
    if (count_ == kFixedSize) go_to(State::kExtraSize);
    return {};
}

/// To this field, or the next that is there.
void GzipHeader::go_to(State state) {
    count_ = 0;
    if (state == State::kExtraSize && (flags_ & kExtra) == 0) state = State::kName;
    if (state == State::kName && (flags_ & kName) == 0) state = State::kComment;
    if (state == State::kComment && (flags_ & kComment) == 0) state = State::kChecksum;
    if (state == State::kChecksum && (flags_ & kHeaderChecksum) == 0) state = State::kDone;
    state_ = state;
}

}  // namespace hallmark::layers
