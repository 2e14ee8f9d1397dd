// SPDX-License-Identifier: Apache-2.0
#include "agent/init/signals.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace hallmark::guest {
namespace {

/// A child that has ended, by this signal or (0) by itself, and that is not reaped.
pid_t ended_child(int signal) {
    const pid_t child = ::fork();
    if (child == 0) {
        if (signal != 0) {
            ::signal(signal, SIG_DFL);
            ::raise(signal);
        }
        ::_exit(0);
    }
    siginfo_t info{};
    EXPECT_EQ(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
    return child;
}

TEST(Signals, AChildThatDiesOfABusErrorIsAReasonToPowerOff) {
    const pid_t child = ended_child(SIGBUS);
    ended_child(0);
    const auto reason = reap_children();
    ASSERT_TRUE(reason);
    EXPECT_EQ(*reason, "process " + std::to_string(child) + " died of a bus error: the root file system is damaged");
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);  // none is left
}

TEST(Signals, AnotherEndOfAChildIsNot) {
    ended_child(0);
    ended_child(SIGKILL);
    EXPECT_FALSE(reap_children());
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
}

}  // namespace
}  // namespace hallmark::guest
