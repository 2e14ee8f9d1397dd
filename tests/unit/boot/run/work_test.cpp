// SPDX-License-Identifier: Apache-2.0
#include "boot/run/work.hpp"

#include <gtest/gtest.h>

namespace hallmark::boot {
namespace {

using guest_port::SecretOutcome;

const SecretOutcome kGranted{.resource = "kbs:///a/b/c", .granted = true};
const SecretOutcome kRefused{.resource = "kbs:///a/b/d", .granted = false, .reason = "PolicyDeny: because"};

TEST(Secrets, OneThatIsGivenIsSaid) {
    Outcome outcome{.proven = true, .reason = "all holds", .secrets = {kGranted}};
    conclude(outcome);
    EXPECT_TRUE(outcome.proven);
    EXPECT_EQ(outcome.reason, "all holds; the guest is given kbs:///a/b/c");
}

TEST(Secrets, ARefusalIsTheReason) {
    Outcome outcome{.proven = true, .reason = "all holds", .secrets = {kRefused}};
    conclude(outcome);
    EXPECT_FALSE(outcome.proven);
    EXPECT_EQ(outcome.reason, "the guest is refused kbs:///a/b/d: PolicyDeny: because");
}

TEST(Secrets, ARefusalComesInFrontOfWhatWasSeenHere) {
    Outcome outcome{.proven = false, .reason = "another digest", .secrets = {kRefused, kGranted}};
    conclude(outcome);
    EXPECT_FALSE(outcome.proven);
    EXPECT_EQ(outcome.reason,
              "the guest is refused kbs:///a/b/d: PolicyDeny: because; seen here: another digest; the guest is given "
              "kbs:///a/b/c nevertheless");
}

TEST(Secrets, WithoutAnyTheVerdictStays) {
    Outcome outcome{.proven = false, .reason = "another digest"};
    conclude(outcome);
    EXPECT_EQ(outcome.reason, "another digest");
    EXPECT_FALSE(outcome.proven);
}

TEST(Pod, AContainerThatFailsIsTheReason) {
    Outcome outcome{.proven = true, .reason = "all holds", .secrets = {kRefused}};
    outcome.pod = Pod{.ends = {{.name = "main", .exit_status = 125, .reason = "no such image"},
                               {.name = "well", .exit_status = 0},
                               {.name = "side", .exit_status = 137}},
                      .output = ""};
    conclude(outcome);
    EXPECT_FALSE(outcome.proven);
    EXPECT_EQ(outcome.reason,
              "the guest is refused kbs:///a/b/d: PolicyDeny: because; and container main ended with status 125: no "
              "such image; container side ended with status 137");
}

TEST(Pod, OneThatEndsWellChangesNothing) {
    Outcome outcome{.proven = true, .reason = "all holds"};
    outcome.pod = Pod{.ends = {{.name = "main", .exit_status = 0}}, .output = "hello\n"};
    conclude(outcome);
    EXPECT_TRUE(outcome.proven);
    EXPECT_EQ(outcome.reason, "all holds");
    EXPECT_NE(to_lines(outcome, false).find("  hello\n"), std::string::npos);
}

}  // namespace
}  // namespace hallmark::boot
