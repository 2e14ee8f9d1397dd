// SPDX-License-Identifier: Apache-2.0
#include "agent/confinement/filter.hpp"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <thread>

#include "tests/unit/agent/confinement/child.hpp"

namespace hallmark::confinement {
namespace {

using test::end_of_child;
using test::kKilled;

constexpr std::array kExit = {Rule{SYS_exit_group}};
constexpr std::uint32_t kWhole = 0xffff'ffff;

/// A child under these rules, and those with which it ends.
std::string under(Rules rules, const std::function<int()>& act) {
    return end_of_child([&] {
        if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !allow_only({rules, kExit})) return 9;
        return act();
    });
}

/// 0, or what a call failed with.
int error_of(long result) { return result < 0 ? errno : 0; }

TEST(Filter, WhatNoRuleAllowsKills) {
    constexpr std::array kRules = {Rule{SYS_getppid}};
    EXPECT_EQ(under(kRules, [] { return ::syscall(SYS_getppid) > 0 ? 0 : 1; }), "exit 0");
    EXPECT_EQ(under(kRules, [] { return error_of(::syscall(SYS_getuid)); }), kKilled);
}

TEST(Filter, AnotherArchitectureAndX32AreNotTheSameCalls) {
    constexpr std::array kRules = {Rule{SYS_getpid}, Rule{SYS_writev}};
    EXPECT_EQ(under(kRules, [] { return error_of(::syscall(0x4000'0000 + SYS_getpid)); }), kKilled);
    // Number 20 is writev here and getpid of i386, by its own gate.
    const auto getpid_of_i386 = [] {
        long result = 20;
        asm volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
        return result == ::getpid() ? 0 : 1;
    };
    if (end_of_child(getpid_of_i386) != "exit 0") GTEST_SKIP() << "a kernel without calls of i386";
    EXPECT_EQ(under(kRules, getpid_of_i386), kKilled);
}

TEST(Filter, AnswersInPlaceOfTheKernel) {
    constexpr std::array kRules = {Rule{SYS_getppid, Answer::kRefuse}, Rule{SYS_clone3, Answer::kUnknown}};
    EXPECT_EQ(under(kRules, [] { return error_of(::syscall(SYS_getppid)); }), "exit " + std::to_string(EACCES));
    EXPECT_EQ(under(kRules, [] { return error_of(::syscall(SYS_clone3, nullptr, 0)); }),
              "exit " + std::to_string(ENOSYS));
}

TEST(Filter, ArgumentsCountAndTheFirstRuleThatFits) {
    constexpr std::array kRules = {
        Rule{.call = SYS_socket, .mask = kWhole, .value = AF_UNIX},
        Rule{.call = SYS_socket, .argument = 1, .mask = SOCK_NONBLOCK, .value = SOCK_NONBLOCK},
        Rule{SYS_socket, Answer::kRefuse},
        Rule{SYS_getppid},
    };
    const auto opens = [&](int family, int type) {
        return under(kRules, [=] { return error_of(::syscall(SYS_socket, family, type, 0)); });
    };
    EXPECT_EQ(opens(AF_UNIX, SOCK_STREAM), "exit 0");
    EXPECT_EQ(opens(AF_INET, SOCK_STREAM | SOCK_NONBLOCK), "exit 0");
    EXPECT_EQ(opens(AF_INET, SOCK_STREAM), "exit " + std::to_string(EACCES));
    EXPECT_EQ(under(kRules, [] { return ::syscall(SYS_getppid) > 0 ? 0 : 1; }), "exit 0") << "behind a condition";
}

TEST(Filter, IsOnTheThreadsThatAreThereAlready) {
    constexpr std::array kRules = {Rule{SYS_futex}, Rule{SYS_sched_yield}};
    EXPECT_EQ(end_of_child([&] {
                  std::atomic<bool> go = false;
                  std::thread other([&go] {
                      while (!go) ::sched_yield();
                      ::syscall(SYS_getuid);
                      ::_exit(1);
                  });
                  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !allow_only({kRules, kExit})) return 9;
                  go = true;
                  for (;;) ::sched_yield();
              }),
              kKilled);
}

TEST(Filter, MoreRulesOnlyTakeAway) {
    constexpr std::array kFirst = {Rule{SYS_seccomp}, Rule{SYS_getppid}};
    constexpr std::array kSecond = {Rule{SYS_getppid}, Rule{SYS_getuid}};
    EXPECT_EQ(under(kFirst, [&] { return allow_only({kSecond, kExit}) && ::syscall(SYS_getppid) > 0 ? 0 : 1; }),
              "exit 0");
    EXPECT_EQ(under(kFirst, [&] { return allow_only({kSecond, kExit}) && ::syscall(SYS_getuid) >= 0 ? 0 : 1; }),
              kKilled);
}

}  // namespace
}  // namespace hallmark::confinement
