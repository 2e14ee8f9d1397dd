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
    std::optional<std::string> reason;
    for (const Ended& ended : reap_children())
        if (auto damaged = damage(ended)) reason = damaged;
    ASSERT_TRUE(reason);
    EXPECT_EQ(*reason, "process " + std::to_string(child) + " died of a bus error: the root file system is damaged");
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);  // none is left
}

TEST(Signals, AnotherEndOfAChildIsNot) {
    const pid_t first = ended_child(0);
    ended_child(SIGKILL);
    const auto all = reap_children();
    ASSERT_EQ(all.size(), 2U);
    for (const Ended& ended : all) EXPECT_FALSE(damage(ended));
    const Ended& other = all[0].child == first ? all[1] : all[0];
    EXPECT_EQ(WTERMSIG(other.status), SIGKILL);
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
}

}  // namespace
}  // namespace hallmark::guest
