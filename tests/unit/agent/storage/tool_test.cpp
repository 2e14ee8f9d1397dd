// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/tool.hpp"

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"

namespace hallmark::storage {
namespace {

Secret secret(std::string_view text) { return Secret(Bytes(text.begin(), text.end())); }

TEST(Tool, SaysHowItEndedAndWhatItSaidLast) {
    const auto ended = run_tool({"/bin/sh", "-c", "echo one >&2; printf 'two\\033\\n' >&2; exit 7"}, {});
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->status, 7);
    EXPECT_EQ(ended->says, "two?");
    EXPECT_EQ(run_tool({"/bin/sh", "-c", "kill -9 $$"}, {})->status, 128 + 9);
    EXPECT_FALSE(run_tool({"/nowhere"}, {}));
    EXPECT_TRUE(run_tool_well({"/bin/sh", "-c", "exit 0"}, {}));
    test::expect_error(run_tool_well({"/bin/sh", "-c", "echo no >&2; exit 1"}, {}), {"/bin/sh: exit status 1: no"},
                       Fault::kNo);
}

TEST(Tool, OfMuchThatItSaysTheEndCounts) {
    const auto ended =
        run_tool({"/bin/sh", "-c", "head -c 5000 /dev/zero | tr '\\0' x >&2; echo >&2; echo end >&2"}, {});
    EXPECT_EQ(ended->says, "end");
}

TEST(Tool, GetsAKeyByAPipeAndNothingElseOfOurs) {
    ::setenv("HALLMARK_TEST", "leaks", 1);
    const auto pipe = KeyPipe::of(secret("the key"));
    ASSERT_TRUE(pipe);
    const auto ended = run_tool({"/bin/sh", "-c", "cat " + pipe->path() + " >&2; cat >&2; env >&2"}, {pipe->fd()});
    EXPECT_EQ(ended->says.find("leaks"), std::string::npos);
    const auto once = KeyPipe::of(secret("the key"));
    EXPECT_EQ(run_tool({"/bin/sh", "-c", "cat " + once->path() + " >&2"}, {once->fd()})->says, "the key");
    const auto kept = KeyPipe::of(secret("the key"));
    EXPECT_EQ(run_tool({"/bin/sh", "-c", "cat " + kept->path() + " 2>/dev/null >&2 || echo gone >&2"}, {})->says,
              "gone");
    ::unsetenv("HALLMARK_TEST");
}

}  // namespace
}  // namespace hallmark::storage
