// SPDX-License-Identifier: Apache-2.0
#include "agent/ttrpc/frame.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace hallmark::ttrpc {
namespace {

// A request of 3 bytes on stream 5, as PROTOCOL.md lays it out.
const Bytes kFrame = {0, 0, 0, 3, 0, 0, 0, 5, 1, 0, 'a', 'b', 'c'};

/// Gives bytes to a decoder, at most `step` at a time.
std::vector<Frame> decode(FrameDecoder& decoder, ByteSpan bytes, std::size_t step = SIZE_MAX) {
    std::vector<Frame> frames;
    while (!bytes.empty()) {
        const auto room = decoder.room();
        const auto taken = bytes.first(std::min({room.size(), step, bytes.size()}));
        std::ranges::copy(taken, room.begin());
        bytes = bytes.subspan(taken.size());
        if (auto frame = decoder.filled(taken.size())) frames.push_back(*std::move(frame));
    }
    return frames;
}

TEST(TtrpcFrame, IsLaidOutAsTheProtocolSays) {
    Bytes made = begin_frame(5, Type::kRequest, 3);
    std::ranges::copy(as_bytes("abc"), made.begin() + sizeof(Header));
    EXPECT_EQ(made, kFrame);
}

TEST(TtrpcFrame, IsReadInPiecesOfAnySize) {
    Bytes two = kFrame;
    append(two, kFrame);
    for (const std::size_t step : {1U, 2U, 9U, 10U, 11U, 13U, 26U}) {
        FrameDecoder decoder;
        const auto frames = decode(decoder, two, step);
        ASSERT_EQ(frames.size(), 2U) << step;
        for (const auto& frame : frames) {
            EXPECT_EQ(frame.stream, 5U);
            EXPECT_EQ(frame.type, Type::kRequest);
            EXPECT_EQ(frame.flags, 0);
            EXPECT_TRUE(equal(frame.data.bytes(), as_bytes("abc")));
        }
        EXPECT_FALSE(decoder.partial());
    }
}

TEST(TtrpcFrame, WithoutDataIsWholeAtItsHeader) {
    FrameDecoder decoder;
    const auto frames = decode(decoder, Bytes{0, 0, 0, 0, 0, 0, 0, 7, 3, 5});
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_EQ(frames[0].type, Type::kData);
    EXPECT_EQ(frames[0].flags, 5);
    EXPECT_TRUE(frames[0].data.bytes().empty());
}

TEST(TtrpcFrame, PartOfItIsNone) {
    FrameDecoder decoder;
    EXPECT_FALSE(decoder.partial());
    EXPECT_TRUE(decode(decoder, ByteSpan(kFrame).first(kFrame.size() - 1)).empty());
    EXPECT_TRUE(decoder.partial());
}

TEST(TtrpcFrame, TheLargestHoldsFourMebibytesAndALargerOneIsPassedOver) {
    for (const std::size_t size : {kLargestData, kLargestData + 1}) {
        FrameDecoder decoder;
        Bytes bytes = begin_frame(9, Type::kRequest, size);
        bytes.back() = 0x5a;
        append(bytes, kFrame);
        const auto frames = decode(decoder, bytes);
        ASSERT_EQ(frames.size(), 2U);
        EXPECT_EQ(frames[0].stream, 9U);
        EXPECT_EQ(frames[0].length, size);
        EXPECT_EQ(frames[0].oversized(), size > kLargestData);
        EXPECT_EQ(frames[0].data.bytes().size(), size > kLargestData ? 0 : size);
        EXPECT_EQ(frames[1].stream, 5U);
    }
}

TEST(TtrpcFrame, WhatIsAnnouncedTakesNoRoomBeforeItArrives) {
    FrameDecoder decoder;
    Bytes large = begin_frame(1, Type::kRequest, 0);
    large[1] = 0x40;  // 4 MiB
    EXPECT_TRUE(decode(decoder, large).empty());
    EXPECT_LE(decoder.room().size(), 64U << 10);
}

TEST(TtrpcFrame, WhatIsPassedOverTakesNoRoom) {
    FrameDecoder decoder;
    Bytes huge = begin_frame(1, Type::kRequest, 0);
    huge[0] = 0xff;
    EXPECT_TRUE(decode(decoder, huge).empty());
    const auto first = decoder.room();
    EXPECT_FALSE(decoder.filled(first.size()));
    EXPECT_EQ(decoder.room().data(), first.data());
}

}  // namespace
}  // namespace hallmark::ttrpc
