// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon/arguments.hpp"

#include <gtest/gtest.h>

namespace hallmark::guest {
namespace {

Arguments made() { return {"program", "help\n", {{"--bind", "ADDRESS:PORT", "-b"}, {"-c", "FILE"}, {"--json", ""}}}; }

TEST(Arguments, HaveTheirValues) {
    for (const std::vector<const char*>& words :
         {std::vector{"--bind", "x", "-c", "f"}, std::vector{"-c", "f", "--bind=x"},
          std::vector{"-b", "y", "-b", "x", "-c", "f"}}) {
        auto arguments = made();
        EXPECT_EQ(arguments.parse(words), std::nullopt);
        EXPECT_EQ(arguments.value("--bind"), "x");
        EXPECT_EQ(arguments.value("-c"), "f");
    }
    auto none = made();
    EXPECT_EQ(none.parse({}), std::nullopt);
    EXPECT_EQ(none.value("-c"), std::nullopt);
}

TEST(Arguments, MayHaveNoValue) {
    auto arguments = made();
    EXPECT_EQ(arguments.parse(std::vector{"--json", "-c", "f"}), std::nullopt);
    EXPECT_TRUE(arguments.has("--json"));
    EXPECT_EQ(arguments.value("-c"), "f");
    auto without = made();
    EXPECT_EQ(without.parse(std::vector{"-c", "f"}), std::nullopt);
    EXPECT_FALSE(without.has("--json"));
    EXPECT_EQ(made().parse(std::vector{"--json=x"}), 2);
    EXPECT_EQ(made().parse(std::vector{"--json", "x"}), 2);
}

TEST(Arguments, EndTheProgramWhereThereIsNothingMoreToDo) {
    const auto status = [](const std::vector<const char*>& words) { return made().parse(words); };
    EXPECT_EQ(status({"--help"}), 0);
    EXPECT_EQ(status({"-c", "f", "--version"}), 0);
    EXPECT_EQ(status({"--other", "x"}), 2);
    EXPECT_EQ(status({"word"}), 2);
    EXPECT_EQ(status({""}), 2);
    EXPECT_EQ(status({"-c"}), 2);
}

}  // namespace
}  // namespace hallmark::guest
