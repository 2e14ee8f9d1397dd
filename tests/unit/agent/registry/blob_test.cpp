// SPDX-License-Identifier: Apache-2.0
#include "agent/registry/blob.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

#include "agent/registry/retries.hpp"

namespace hallmark::registry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(ContentRange, IsRead) {
    const auto range = ContentRange::parse("bytes 5-9/10");
    ASSERT_TRUE(range);
    EXPECT_EQ(range->first, 5U);
    EXPECT_EQ(range->last, 9U);
    EXPECT_EQ(range->whole, 10U);
    EXPECT_EQ(ContentRange::parse("bytes 0-0/*")->whole, std::nullopt);
}

TEST(ContentRange, RefusesWhatIsNone) {
    for (const auto* header :
         {"", "bytes", "bytes 5-9", "bytes 5-4/10", "bytes 5-10/10", "bytes */10", "bytes -5/10", "bytes 5-9/10 ",
          "bytes 5-9/+10", "bytes 5-18446744073709551616/*", "items 5-9/10", "bytes  5-9/10", "bytes 5-9/"})
        EXPECT_FALSE(ContentRange::parse(header)) << header;
}

/// Notes the waits and doesn't wait.
struct Waits {
    std::vector<milliseconds> waits;
    Patience patience{
        .attempts = 4, .first_wait = milliseconds(100), .longest_wait = seconds(5), .sleep = [this](milliseconds wait) {
            waits.push_back(wait);
        }};
};

TEST(Retries, WaitLongerEachTime) {
    Waits waits;
    Retries retries(waits.patience, false);
    EXPECT_TRUE(retries.again());
    EXPECT_TRUE(retries.again(seconds(3)));
    EXPECT_TRUE(retries.again());
    EXPECT_FALSE(retries.again());
    EXPECT_EQ(waits.waits, (std::vector<milliseconds>{milliseconds(100), seconds(3), milliseconds(400)}));
}

TEST(Retries, DoNotWaitForEver) {
    Waits waits;
    Retries retries(waits.patience, false);
    EXPECT_FALSE(retries.again(seconds(6)));
    EXPECT_TRUE(waits.waits.empty());
}

TEST(Retries, LeaveAMirrorSoon) {
    Waits waits;
    Retries retries(waits.patience, true);
    EXPECT_TRUE(retries.again());
    EXPECT_FALSE(retries.again());
}

TEST(Retries, BeginAnewWhereSomethingCame) {
    Waits waits;
    Retries retries(waits.patience, false);
    for (int round = 0; round < 3; ++round) {
        for (int attempt = 1; attempt < 4; ++attempt) EXPECT_TRUE(retries.again());
        EXPECT_FALSE(retries.again());
        retries.progressed();
    }
    ASSERT_EQ(waits.waits.size(), 9U);
    EXPECT_EQ(waits.waits[3], milliseconds(100));
}

}  // namespace
}  // namespace hallmark::registry
