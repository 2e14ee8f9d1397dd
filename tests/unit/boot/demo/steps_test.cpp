// SPDX-License-Identifier: Apache-2.0
#include "boot/demo/steps.hpp"

#include <gtest/gtest.h>

namespace hallmark::boot::demo {
namespace {

std::vector<unsigned> numbers(const std::vector<Reached>& steps) {
    std::vector<unsigned> all;
    for (const auto& step : steps) all.push_back(step.number);
    return all;
}

TEST(Steps, TheFirstIsTheStartOfTheVm) {
    Steps steps;
    EXPECT_EQ(steps.missing(), 1U);
    EXPECT_EQ(steps.begin().number, 1U);
    EXPECT_EQ(steps.missing(), 2U);
    EXPECT_EQ(steps.json(), Json::array({{{"step", 1}, {"what", "the VM starts"}, {"seconds", 0.0}}}));
}

TEST(Steps, LinesComeInPiecesAndBetweenOthers) {
    Steps steps;
    steps.begin();
    EXPECT_TRUE(steps.add("[    1.0] a kernel speaks\r\nhallmark-st").empty());
    EXPECT_TRUE(steps.add("ep 3 sha256:ab").empty());
    const auto fresh = steps.add("cd\r\nhallmark-guest: hallmark-step 2\n");
    ASSERT_EQ(numbers(fresh), (std::vector<unsigned>{3, 2}));
    EXPECT_EQ(fresh[0].what, "the image's manifest is pulled: sha256:abcd");
    // No words of the guest's.
    EXPECT_EQ(fresh[1].what, title_of(2));
    EXPECT_EQ(steps.missing(), 4U);
}

TEST(Steps, OnlyTheFirstTimeCounts) {
    Steps steps;
    EXPECT_EQ(numbers(steps.add("hallmark-step 5 first layer\nhallmark-step 5 second layer\n")),
              std::vector<unsigned>{5});
    EXPECT_TRUE(steps.add("hallmark-step 5 third layer\n").empty());
    EXPECT_TRUE(steps.json()[0]["what"].get<std::string>().ends_with(": first layer"));
}

TEST(Steps, WhatIsNoStepIsPassedOver) {
    Steps steps;
    for (const auto* line : {"hallmark-step 1 the guest cannot start the VM\n", "hallmark-step 0 x\n",
                             "hallmark-step 16 x\n", "hallmark-step -3 x\n", "hallmark-step 3x\n", "hallmark-step\n",
                             "hallmark-step  3 x\n", "hallmark-step 99999999999999999999 x\n", "3 x\n"})
        EXPECT_TRUE(steps.add(line).empty()) << line;
    EXPECT_EQ(steps.count(), 0U);
}

TEST(Steps, WordsAreBoundedAndPrintable) {
    Steps steps;
    const auto fresh = steps.add("hallmark-step 4 \x1b[2J" + std::string(1 << 20, 'a') + "\n");
    ASSERT_EQ(fresh.size(), 1U);
    EXPECT_LT(fresh[0].what.size(), 500U);
    EXPECT_TRUE(fresh[0].what.starts_with("encrypted layers are found: \\x1b[2Jaaa")) << fresh[0].what;
}

TEST(Steps, AllAreFifteen) {
    Steps steps;
    steps.begin();
    for (unsigned number = 2; number <= kSteps; ++number) {
        EXPECT_FALSE(steps.all());
        EXPECT_EQ(steps.missing(), number);
        EXPECT_EQ(steps.add("hallmark-step " + std::to_string(number) + " x\n").size(), 1U);
    }
    EXPECT_TRUE(steps.all());
    const Json json = steps.json();
    ASSERT_EQ(json.size(), 15U);
    for (unsigned i = 0; i < kSteps; ++i) EXPECT_EQ(json[i]["step"], i + 1);
}

}  // namespace
}  // namespace hallmark::boot::demo
