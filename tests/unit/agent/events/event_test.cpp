// SPDX-License-Identifier: Apache-2.0
#include "agent/events/event.hpp"

#include <gtest/gtest.h>

#include "common/hex.hpp"
#include "tests/support/expect_error.hpp"

namespace hallmark::events {
namespace {

const std::string kDigest = "sha256:50aa4698fa6262977cff89181b2664b99d8a56dbca847bf62f2ef04854597cf8";

TEST(RuntimeEvent, PullImageIsCanonical) {
    const auto event = pull_image("docker.io/library/busybox:latest", kDigest);
    ASSERT_TRUE(event.has_value());
    EXPECT_EQ(text_of(*event), "github.com/confidential-containers PullImage {\"digest\":\"" + kDigest +
                                   "\",\"image\":\"docker.io/library/busybox:latest\"}");
}

TEST(RuntimeEvent, WhatCouldBeReadInTwoWaysIsRefused) {
    EXPECT_TRUE(check_event({"domain", "operation", "any content, {\"with\": \"spaces\"}"}).has_value());
    EXPECT_TRUE(check_event({"domain", "operation", ""}).has_value());
    for (const Event& bad :
         {Event{"", "o", "c"}, Event{"d", "", "c"}, Event{"d d", "o", "c"}, Event{"d", "o o", "c"},
          Event{"d\n", "o", "c"}, Event{"d", "o", "two\nlines"}, Event{"d", "o", std::string(1, 0)},
          Event{std::string(kLongestName + 1, 'd'), "o", "c"}, Event{"d", "o", std::string(kLongestContent + 1, 'c')}})
        EXPECT_FALSE(check_event(bad).has_value()) << bad.domain.substr(0, 20) << '|' << bad.operation;
}

// UEFI 2.10, table 38.4
TEST(RuntimeEvent, RegistersStandForPcrs) {
    for (const auto pcr : {1U, 7U}) EXPECT_EQ(register_of_pcr(pcr), 1U) << pcr;
    for (const auto pcr : {2U, 3U, 6U}) EXPECT_EQ(register_of_pcr(pcr), 2U) << pcr;
    for (const auto pcr : {8U, 11U, 15U}) EXPECT_EQ(register_of_pcr(pcr), 3U) << pcr;
    for (const auto pcr : {16U, 17U, 23U, 4000U}) EXPECT_EQ(register_of_pcr(pcr), 4U) << pcr;
}

}  // namespace
}  // namespace hallmark::events
