// SPDX-License-Identifier: Apache-2.0
#include "agent/pod/outbox.hpp"

#include <gtest/gtest.h>

namespace hallmark::pod {
namespace {

using guest::Clock;
using guest_port::kLargestOutput;
using guest_port::Output;
using guest_port::Stream;
using std::chrono::milliseconds;

const Clock::time_point kStart{std::chrono::hours(1)};
constexpr Outbox::Limits kThree{.room = 3 * kLargestOutput, .moment = milliseconds(2000)};

Output piece(std::uint16_t container, std::size_t size = kLargestOutput) {
    return {.container = container, .stream = Stream::kStdout, .bytes = Bytes(size, 1)};
}

TEST(Outbox, GivesWhatItGotInOrder) {
    Outbox box(2, kThree);
    EXPECT_FALSE(box.take(kStart));
    box.add(piece(0, 1), kStart);
    box.add(piece(1, 2), kStart);
    EXPECT_EQ(box.take(kStart)->bytes.size(), 1U);
    EXPECT_EQ(box.take(kStart)->container, 1);
    EXPECT_TRUE(box.empty());
    EXPECT_EQ(box.lost(0) + box.lost(1), 0U);
}

TEST(Outbox, AHostIsWaitedForAMomentOnly) {
    Outbox box(1, kThree);
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(box.takes(kStart));
        box.add(piece(0), kStart);
    }
    EXPECT_FALSE(box.takes(kStart));
    EXPECT_EQ(box.due(kStart), kStart + milliseconds(2000));
    EXPECT_FALSE(box.takes(kStart + milliseconds(1999)));
    EXPECT_TRUE(box.takes(kStart + milliseconds(2000)));
    EXPECT_FALSE(box.due(kStart + milliseconds(2000)));
    box.add(piece(0, 100), kStart + milliseconds(2000));
    EXPECT_EQ(box.lost(0), 100U);
}

TEST(Outbox, AHostThatTakesAgainIsWaitedForAgain) {
    Outbox box(2, kThree);
    for (int i = 0; i < 3; ++i) box.add(piece(0), kStart);
    const auto later = kStart + milliseconds(5000);
    box.add(piece(1), later);
    EXPECT_EQ(box.lost(1), kLargestOutput);
    ASSERT_TRUE(box.take(later));
    EXPECT_TRUE(box.takes(later));
    box.add(piece(1), later);
    EXPECT_FALSE(box.takes(later)) << "it is full, and the host took something just now";
    EXPECT_EQ(box.lost(1), kLargestOutput);
    EXPECT_EQ(box.lost(0), 0U);
}

TEST(Outbox, AHostHasItsMomentFromTheFirstThatWaits) {
    Outbox box(1, kThree);
    const auto later = kStart + std::chrono::hours(1);
    for (int i = 0; i < 3; ++i) box.add(piece(0), later);
    EXPECT_FALSE(box.takes(later)) << "nothing waited before: the host was not slow";
}

}  // namespace
}  // namespace hallmark::pod
