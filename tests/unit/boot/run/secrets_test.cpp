// SPDX-License-Identifier: Apache-2.0
#include "boot/run/secrets.hpp"

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

}  // namespace
}  // namespace hallmark::boot
