// SPDX-License-Identifier: Apache-2.0
#include "agent/events/event.hpp"

#include <gtest/gtest.h>

#include "common/hex.hpp"
#include "tests/support/expect_error.hpp"

namespace hallmark::events {
namespace {

const std::string kDigest = "sha256:50aa4698fa6262977cff89181b2664b99d8a56dbca847bf62f2ef04854597cf8";

// Digest and bytes were worked out with Python's hashlib and struct from the specification's text.
TEST(RuntimeEvent, PullImageIsCanonicalAndTagged) {
    const auto event = pull_image("docker.io/library/busybox:latest", kDigest);
    ASSERT_TRUE(event.has_value());
    EXPECT_EQ(text_of(*event), "github.com/confidential-containers PullImage {\"digest\":\"" + kDigest +
                                   "\",\"image\":\"docker.io/library/busybox:latest\"}");
    const auto record = record_of(register_of_pcr(17), text_of(*event));
    EXPECT_EQ(to_hex(record.digest),
              "f3048c020b1bca2dc1729cd4cca977fdadc978e48916fae92ae1f6196a1e7ecd4a1141936f5752695213ef0ae33f52dd");
    const Bytes encoded = event_log::encode_record(record);
    EXPECT_EQ(encoded.size(), 246U);
    EXPECT_EQ(to_hex(sha256(encoded)), "d1a589a8be6cbd390d0c8df9c23b20142422d25c350837db30c6f763cc160a3b");
}

TEST(RuntimeEvent, TextComesBackOutOfARecord) {
    const auto record = record_of(4, "a b c");
    EXPECT_EQ(text_in(record.data).value(), "a b c");
    Bytes longer = record.data;
    longer.push_back(0);
    EXPECT_FALSE(text_in(longer).has_value());
    Bytes other = record.data;
    other[0] ^= 1;
    EXPECT_FALSE(text_in(other).has_value());
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
