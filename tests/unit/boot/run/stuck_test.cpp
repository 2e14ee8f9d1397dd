// SPDX-License-Identifier: Apache-2.0
#include "boot/run/stuck.hpp"

#include <gtest/gtest.h>

#include "tests/unit/boot/registers_sample.hpp"

namespace hallmark::boot {
namespace {

using namespace std::chrono_literals;

Registers cpu(const std::string& text) { return parse_registers(text).value().front(); }

TEST(StuckDetector, ALoopInPlaceShowsAfterItsTime) {
    StuckDetector detector;
    const auto loop = cpu(test::running_cpu());
    EXPECT_FALSE(detector.add(loop, 5, 1000ms).value());
    EXPECT_FALSE(detector.add(loop, 5, 2499ms).value());
    EXPECT_TRUE(detector.add(loop, 5, 2500ms).value());
}

TEST(StuckDetector, AHostWithoutTimeIsNotAGuestInALoop) {
    StuckDetector detector;
    const auto loop = cpu(test::running_cpu());
    for (int i = 0; i < 1000; ++i) EXPECT_FALSE(detector.add(loop, 5, 1000ms).value());
}

TEST(StuckDetector, AnythingThatMovesBeginsAnew) {
    const std::string place = test::running_cpu();
    for (const auto& moved :
         {test::with(place, "RIP=0000000002a6f554", "RIP=0000000002a6f555"),
          test::with(place, "RCX=000000000000000a", "RCX=0000000000000009"),
          test::with(place, "RDI=000000000000000a", "RDI=000000000000000b"), test::with(place, "HLT=0", "HLT=1")}) {
        StuckDetector detector;
        EXPECT_FALSE(detector.add(cpu(place), 5, 0ms).value());
        EXPECT_FALSE(detector.add(cpu(moved), 5, 1000ms).value());
        EXPECT_FALSE(detector.add(cpu(place), 5, 2000ms).value());
    }
    StuckDetector detector;
    EXPECT_FALSE(detector.add(cpu(place), 5, 0ms).value());
    EXPECT_FALSE(detector.add(cpu(place), 6, 2000ms).value());  // it said something
}

TEST(StuckDetector, AWaitingCpuIsNotStuck) {
    StuckDetector detector;
    const auto waiting = cpu(test::with(test::running_cpu(), "HLT=0", "HLT=1"));
    EXPECT_FALSE(detector.add(waiting, 5, 0ms).value());
    EXPECT_FALSE(detector.add(waiting, 5, 60s).value());
}

}  // namespace
}  // namespace hallmark::boot
