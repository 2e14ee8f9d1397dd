// SPDX-License-Identifier: Apache-2.0
#include "boot/run/line.hpp"

#include <gtest/gtest.h>

namespace hallmark::boot {
namespace {

TEST(OneLine, KeepsWhatIsPrintable) {
    EXPECT_EQ(one_line("build/guest: found 'x', expected ~"), "build/guest: found 'x', expected ~");
    EXPECT_EQ(one_line(""), "");
}

TEST(OneLine, NothingReachesATerminalThatItWouldActOn) {
    EXPECT_EQ(one_line("a\nb\r\nc"), "a b  c");
    EXPECT_EQ(one_line("\033[2J\a\t"), "\\x1b[2J\\x07\\x09");
    EXPECT_EQ(one_line("\x7f\xc2\x9b"), "\\x7f\\xc2\\x9b");
    EXPECT_EQ(one_line(std::string_view("\0", 1)), "\\x00");
}

}  // namespace
}  // namespace hallmark::boot
