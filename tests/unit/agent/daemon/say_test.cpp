// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon/say.hpp"

#include <gtest/gtest.h>

namespace hallmark::guest {
namespace {

TEST(Say, IsOneLineThatSteersNoTerminal) {
    ::testing::internal::CaptureStderr();
    say("program", "a\nb\x1b[31m\xc3\xa9 c");
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "program: a?b?[31m?? c\n");
}

}  // namespace
}  // namespace hallmark::guest
