// SPDX-License-Identifier: Apache-2.0
#include "agent/init/secret_checks.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <latch>

namespace hallmark::guest {
namespace {

using guest_port::SecretOutcome;

TEST(SecretChecks, RememberWhatCameOfEach) {
    const auto ask = [](const std::string& resource) -> Status {
        if (resource == "kbs:///a/b/c") return {};
        return refused("PolicyDeny: because");
    };
    const auto checks = SecretChecks::start({"kbs:///a/b/c", "kbs:///a/b/d"}, ask);
    ASSERT_TRUE(checks) << checks.error().message;
    pollfd file{.fd = checks->fd(), .events = POLLIN, .revents = 0};
    ASSERT_EQ(::poll(&file, 1, 5000), 1);
    EXPECT_TRUE(checks->finished());
    EXPECT_EQ(checks->outcomes(),
              (std::vector<SecretOutcome>{{.resource = "kbs:///a/b/c", .granted = true},
                                          {.resource = "kbs:///a/b/d", .reason = "PolicyDeny: because"}}));
}

TEST(SecretChecks, NobodyWaitsForThem) {
    std::latch answers(1);
    const auto checks = SecretChecks::start({"kbs:///a/b/c"}, [&](const std::string&) -> Status {
        answers.wait();
        return {};
    });
    ASSERT_TRUE(checks);
    EXPECT_FALSE(checks->finished());
    answers.count_down();
    pollfd file{.fd = checks->fd(), .events = POLLIN, .revents = 0};
    EXPECT_EQ(::poll(&file, 1, 5000), 1);
}

}  // namespace
}  // namespace hallmark::guest
