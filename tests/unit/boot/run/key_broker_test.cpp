// SPDX-License-Identifier: Apache-2.0
#include "boot/run/key_broker.hpp"

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"
#include "tests/support/loopback_server.hpp"

namespace hallmark::boot {
namespace {

using hallmark::test::expect_error;
using hallmark::test::LoopbackServer;

Result<Secret> granted() { return Secret({1, 2, 3}); }
Result<Secret> denied() { return refused("PolicyDeny: because"); }

TEST(KeyBroker, IsBelievedWhereTheBootHolds) {
    Outcome outcome{.proven = true, .reason = "all holds"};
    EXPECT_TRUE(conclude("a/b/c", granted(), outcome));
    EXPECT_TRUE(outcome.proven);
    EXPECT_EQ(outcome.reason, "all holds; the key broker gives a/b/c");
    EXPECT_TRUE(outcome.release->granted);
}

TEST(KeyBroker, ARefusalIsTheReason) {
    Outcome outcome{.proven = true, .reason = "all holds"};
    EXPECT_FALSE(conclude("a/b/c", denied(), outcome));
    EXPECT_FALSE(outcome.proven);
    EXPECT_EQ(outcome.reason, "the key broker refuses a/b/c: PolicyDeny: because");
    EXPECT_FALSE(outcome.release->granted);
    EXPECT_EQ(outcome.release->refusal, "PolicyDeny: because");

    Outcome wrong{.proven = false, .reason = "the digests differ"};
    EXPECT_FALSE(conclude("a/b/c", denied(), wrong));
    EXPECT_EQ(wrong.reason, "the key broker refuses a/b/c: PolicyDeny: because; seen here: the digests differ");
}

TEST(KeyBroker, NothingIsKeptOfABootThatIsNotProven) {
    Outcome outcome{.proven = false, .reason = "the digests differ"};
    EXPECT_FALSE(conclude("a/b/c", granted(), outcome));
    EXPECT_FALSE(outcome.proven);
    EXPECT_TRUE(outcome.release->granted);
    EXPECT_EQ(outcome.reason, "the digests differ; the key broker gives a/b/c nevertheless, and it was thrown away");
}

TEST(KeyBroker, WithoutOneTheChallengeIsRandom) {
    auto broker = KeyBroker::open(Request());
    ASSERT_TRUE(broker);
    const auto one = broker->challenge();
    const auto other = broker->challenge();
    ASSERT_TRUE(one && other);
    EXPECT_NE(*one, *other);
    Journal journal(/* print= */ false);
    Outcome outcome{.proven = true, .reason = "all holds"};
    ASSERT_TRUE(broker->settle({}, outcome, journal));
    EXPECT_FALSE(outcome.release);
    EXPECT_EQ(outcome.reason, "all holds");
}

TEST(KeyBroker, EvidenceThatHasNoFormIsNotSent) {
    LoopbackServer server(
        {LoopbackServer::answer(200, R"({"nonce":"AAAA","extra-params":""})", "Set-Cookie: kbs-session-id=1\r\n")});
    Request request;
    request.broker = {.url = server.url(), .certificate = {}, .resource = "a/b/c", .secret = {}, .insecure_http = true};
    auto broker = KeyBroker::open(request);
    ASSERT_TRUE(broker);
    ASSERT_TRUE(broker->challenge());
    Journal journal(/* print= */ false);
    Outcome outcome{.proven = true, .reason = "all holds"};
    const guest_port::Evidence evidence{.kind = guest_port::Kind::kSnpReport, .report = Bytes(7)};
    ASSERT_TRUE(broker->settle(evidence, outcome, journal));
    EXPECT_FALSE(outcome.proven);
    EXPECT_NE(outcome.reason.find("the evidence can't be sent"), std::string::npos) << outcome.reason;
    EXPECT_EQ(server.requests().size(), 1U);
}

TEST(KeyBroker, ABrokerThatOpensNoSessionEndsTheBoot) {
    LoopbackServer server({LoopbackServer::answer(401, R"({"type":"x/AttestationError","detail":"too many"})")});
    Request request;
    request.broker = {.url = server.url(), .certificate = {}, .resource = "a/b/c", .secret = {}, .insecure_http = true};
    auto broker = KeyBroker::open(request);
    ASSERT_TRUE(broker);
    expect_error(broker->challenge(), {"opens no session", "AttestationError: too many"}, Fault::kNo);
}

}  // namespace
}  // namespace hallmark::boot
