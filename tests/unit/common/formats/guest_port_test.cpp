// SPDX-License-Identifier: Apache-2.0
#include "common/formats/guest_port.hpp"

#include <gtest/gtest.h>

#include "common/hex.hpp"

namespace hallmark::guest_port {
namespace {

const Frame kFrame{Type::kChallenge, 7, {1, 2, 3}};

TEST(GuestPort, FrameHasTheDocumentedBytes) {
    EXPECT_EQ(to_hex(encode(kFrame)),
              "484c4d4b"
              "0100"
              "0201"
              "07000000"
              "03000000"
              "010203");
}

TEST(GuestPort, FramesComeOutWholeHoweverTheyArrive) {
    Bytes stream = encode(kFrame);
    append(stream, encode({Type::kPowerOff, 8, {}}));
    FrameDecoder decoder;
    std::vector<Frame> frames;
    for (const auto byte : stream) {
        decoder.add(ByteSpan(&byte, 1));
        Frame frame;
        if (decoder.next(frame).value()) frames.push_back(frame);
    }
    ASSERT_EQ(frames.size(), 2U);
    EXPECT_EQ(frames[0].payload, kFrame.payload);
    EXPECT_EQ(frames[0].request, 7U);
    EXPECT_EQ(frames[1].type, Type::kPowerOff);
}

TEST(GuestPort, AForeignStreamIsRefused) {
    for (const std::size_t broken : {0U, 4U}) {
        Bytes stream = encode(kFrame);
        stream[broken] ^= 1;
        FrameDecoder decoder;
        decoder.add(stream);
        Frame frame;
        EXPECT_FALSE(decoder.next(frame)) << broken;
    }
}

TEST(GuestPort, AnEndlessFrameIsRefusedBeforeItIsCollected) {
    Bytes stream = encode(kFrame);
    stream[15] = 0xff;
    FrameDecoder decoder;
    decoder.add(stream);
    Frame frame;
    EXPECT_NE(decoder.next(frame).error().message.find("expected at most 65536"), std::string::npos);
}

TEST(Evidence, ReadsWhatItWrites) {
    const auto evidence = parse_evidence(encode_evidence({Source::kSimulated, {1, 2}, {3}}));
    ASSERT_TRUE(evidence);
    EXPECT_EQ(evidence->source, Source::kSimulated);
    EXPECT_EQ(evidence->report, Bytes({1, 2}));
    EXPECT_EQ(evidence->certificates, Bytes({3}));
}

TEST(Evidence, RefusesLengthsThatLie) {
    const Bytes good = encode_evidence({Source::kSimulated, {1, 2}, {3}});
    for (const auto& [offset, value] :
         {std::pair{4, 3}, std::pair{4, 1}, std::pair{8, 2}, std::pair{7, 0xff}, std::pair{0, 9}}) {
        Bytes bad = good;
        bad[static_cast<std::size_t>(offset)] = static_cast<std::uint8_t>(value);
        EXPECT_FALSE(parse_evidence(bad)) << offset << " " << value;
    }
}

}  // namespace
}  // namespace hallmark::guest_port
