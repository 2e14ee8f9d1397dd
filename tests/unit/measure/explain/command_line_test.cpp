// SPDX-License-Identifier: Apache-2.0
#include "measure/explain/command_line.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace hallmark::explain {
namespace {

bool has(const std::vector<std::string>& lines, const std::string& line) {
    return std::ranges::find(lines, line) != lines.end();
}

TEST(Slipped, HasTheUsualSlips) {
    const auto lines = slipped("console=hvc0 a=\"b c\"");
    for (const char* line : {"console=hvc0 a=\"b c\"\n", "console=hvc0 a=\"b c\" ", " console=hvc0 a=\"b c\"",
                             "\"console=hvc0 a=\"b c\"\"", "console=hvc0 a=b c", "console=hvc0 a=\"\"b c\"\"",
                             "console=hvc0 a=\\\"b c\\\"", "console=hvc0 a='b c'",
                             "initrd=initrd console=hvc0 a=\"b c\"", "console=hvc0 a=\"b c\" initrd=initrd", ""})
        EXPECT_TRUE(has(lines, line)) << in_quotes(line);
}

TEST(Slipped, TakesBackWhatIsThereAlready) {
    EXPECT_TRUE(has(slipped("quiet\n"), "quiet"));
    EXPECT_TRUE(has(slipped(" quiet"), "quiet"));
    EXPECT_TRUE(has(slipped("'quiet'"), "quiet"));
    EXPECT_TRUE(has(slipped("a  b"), "a b"));
    EXPECT_TRUE(has(slipped("quiet initrd=initrd"), "quiet"));
    EXPECT_TRUE(has(slipped("initrd=initrd quiet"), "quiet"));
    EXPECT_TRUE(has(slipped(""), "initrd=initrd"));
}

TEST(Slipped, MakesTwoSlipsAtOnceButLater) {
    const auto lines = slipped("a=\"b\"");
    const auto both = std::ranges::find(lines, "a=b\n");
    ASSERT_NE(both, lines.end());
    EXPECT_LT(std::ranges::find(lines, "a=b"), both);
    EXPECT_LT(std::ranges::find(lines, "a=\"b\"\n"), both);
}

TEST(Slipped, HasNoTextTwice) {
    for (const char* line : {"", " ", "a", "a=\"b\" c='d' \\ initrd=initrd\n"}) {
        std::set<std::string> seen = {line};
        for (const auto& text : slipped(line)) EXPECT_TRUE(seen.insert(text).second) << in_quotes(text);
    }
}

TEST(InQuotes, ShowsWhatABlankIs) { EXPECT_EQ(in_quotes("a\n\r\tb\x1b\x80"), "'a\\n\\r\\tb\\x1b\\x80'"); }

}  // namespace
}  // namespace hallmark::explain
