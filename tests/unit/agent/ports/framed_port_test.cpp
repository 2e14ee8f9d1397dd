// SPDX-License-Identifier: Apache-2.0
#include "agent/ports/framed_port.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "tests/unit/agent/fake_host.hpp"

namespace hallmark::guest {
namespace {

using guest_port::Frame;
using guest_port::Type;
using test::FakeHost;
using test::kLong;
using test::kShort;

const Frame kFrame{.type = Type::kChallenge, .request = 7, .payload = Bytes(64, 0x5a)};

TEST(FramedPort, CarriesFramesBothWays) {
    FakeHost host;
    FramedPort port = host.take_port();
    ASSERT_TRUE(port.send(kFrame, after(kLong)));
    EXPECT_EQ(host.read().payload, kFrame.payload);
    host.write(kFrame);
    Frame frame;
    EXPECT_TRUE(port.receive(frame, after(kLong)).value());
    EXPECT_EQ(frame.request, 7U);
    EXPECT_EQ(frame.payload, kFrame.payload);
}

TEST(FramedPort, AFrameMayArriveInPieces) {
    FakeHost host;
    FramedPort port = host.take_port();
    const Bytes bytes = guest_port::encode(kFrame);
    std::thread sender([&] {
        for (const auto byte : bytes) host.write(ByteSpan(&byte, 1));
    });
    Frame frame;
    const auto received = port.receive(frame, after(kLong));
    sender.join();
    EXPECT_TRUE(received.value());
    EXPECT_EQ(frame.payload, kFrame.payload);
}

TEST(FramedPort, ATruncatedFrameEndsAtTheDeadline) {
    FakeHost host;
    FramedPort port = host.take_port();
    const Bytes bytes = guest_port::encode(kFrame);
    host.write(ByteSpan(bytes).first(bytes.size() - 1));
    Frame frame;
    const auto start = Clock::now();
    EXPECT_FALSE(port.receive(frame, after(kShort)).value());
    EXPECT_GE(Clock::now() - start, kShort);
    EXPECT_LT(Clock::now() - start, kLong);
}

TEST(FramedPort, AnOversizedFrameIsRefusedAtItsHeader) {
    FakeHost host;
    FramedPort port = host.take_port();
    guest_port::FrameHeader header;
    header.size = guest_port::kLargestPayload + 1;
    host.write(as_bytes(header));
    Frame frame;
    const auto received = port.receive(frame, after(kLong));
    ASSERT_FALSE(received);
    EXPECT_NE(received.error().message.find("65537"), std::string::npos) << received.error().message;
}

TEST(FramedPort, GarbageIsRefusedUntilItIsDiscarded) {
    FakeHost host;
    FramedPort port = host.take_port();
    host.write(as_bytes("this is not a frame, and longer than a header"));
    Frame frame;
    EXPECT_FALSE(port.receive(frame, after(kLong)));
    host.write(kFrame);
    EXPECT_FALSE(port.receive(frame, after(kLong)));
    ASSERT_TRUE(port.discard());
    host.write(kFrame);
    EXPECT_TRUE(port.receive(frame, after(kLong)).value());
}

TEST(FramedPort, WaitsForAHostThatIsGone) {
    FakeHost host;
    FramedPort port = host.take_port();
    EXPECT_TRUE(port.connected());
    host.hang_up();
    EXPECT_FALSE(port.connected());
    Frame frame;
    const auto start = Clock::now();
    EXPECT_FALSE(port.receive(frame, after(kShort)).value());
    EXPECT_GE(Clock::now() - start, kShort);
}

TEST(FramedPort, AHostThatDoesNotReadIsGivenUp) {
    FakeHost host;
    FramedPort port = host.take_port();
    const Frame large{.type = Type::kEvidence, .request = 1, .payload = Bytes(guest_port::kLargestPayload)};
    Status sent;
    for (int i = 0; i < 100 && sent; ++i) sent = port.send(large, after(kShort));
    ASSERT_FALSE(sent);
    EXPECT_NE(sent.error().message.find("in the time given"), std::string::npos) << sent.error().message;
}

TEST(FramedPort, WhatIsPushedWaitsForTheHostAndNobodyWaitsForIt) {
    FakeHost host;
    FramedPort port = host.take_port();
    Frame large{.type = Type::kOutput, .request = 0, .payload = Bytes(guest_port::kLargestPayload)};
    std::uint32_t pushed = 0;
    const auto start = Clock::now();
    while (!port.pending()) {
        large.request = pushed++;
        ASSERT_TRUE(port.push(large));
    }
    EXPECT_LT(Clock::now() - start, kLong);
    ASSERT_TRUE(port.flush());
    EXPECT_TRUE(port.pending());
    // An answer goes behind it, and what was half sent is whole.
    std::thread sender([&] { EXPECT_TRUE(port.send(kFrame, after(kLong))); });
    for (std::uint32_t i = 0; i < pushed; ++i) {
        const Frame frame = host.read();
        EXPECT_EQ(frame.request, i);
        EXPECT_EQ(frame.payload.size(), guest_port::kLargestPayload);
    }
    EXPECT_EQ(host.read().payload, kFrame.payload);
    sender.join();
    EXPECT_FALSE(port.pending());
}

TEST(FramedPort, SendsNothingThatTheHostWouldRefuse) {
    FakeHost host;
    FramedPort port = host.take_port();
    const Frame large{.type = Type::kEvidence, .request = 1, .payload = Bytes(guest_port::kLargestPayload + 1)};
    EXPECT_FALSE(port.send(large, after(kLong)));
}

TEST(FramedPort, AMissingDeviceIsNamed) {
    const auto port = FramedPort::open("/dev/vport-that-is-not-there");
    ASSERT_FALSE(port);
    EXPECT_EQ(port.error().message, "/dev/vport-that-is-not-there: No such file or directory");
}

}  // namespace
}  // namespace hallmark::guest
