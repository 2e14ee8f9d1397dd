// SPDX-License-Identifier: Apache-2.0
#include "agent/evidence/simulated.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <thread>

#include "tests/unit/agent/fake_host.hpp"

namespace hallmark::guest {
namespace {

using guest_port::Evidence;
using guest_port::Frame;
using guest_port::Source;
using guest_port::Type;
using test::FakeHost;
using test::kLong;
using test::kShort;

const ReportData kReportData = [] {
    ReportData data;
    data.fill(0xa5);
    return data;
}();

Frame report(std::uint32_t request, Bytes content) {
    const Evidence evidence{.source = Source::kSimulated,
                            .kind = guest_port::Kind::kSnpReport,
                            .report = std::move(content),
                            .certificates = {9}};
    return {.type = Type::kAttested, .request = request, .payload = guest_port::encode_evidence(evidence)};
}

/// One challenge, while `host_does` runs at the other end with the request that the guest sent.
Result<Evidence> attest(Simulated& attester, FakeHost& host, const std::function<void(const Frame&)>& host_does) {
    std::thread processor([&] { host_does(host.read()); });
    auto evidence = attester.attest(kReportData);
    processor.join();
    return evidence;
}

TEST(Simulated, SendsTheReportDataAndReturnsTheReport) {
    FakeHost host;
    Simulated attester(host.take_port(), kLong);
    Frame request;
    const auto evidence = attest(attester, host, [&](const Frame& frame) {
        request = frame;
        host.write(report(frame.request, {1, 2, 3}));
    });
    ASSERT_TRUE(evidence);
    EXPECT_EQ(evidence->report, Bytes({1, 2, 3}));
    EXPECT_EQ(evidence->certificates, Bytes({9}));
    EXPECT_EQ(request.type, Type::kAttestRequest);
    Bytes expected(64, 0xa5);
    expected.resize(68);  // VMPL 0
    EXPECT_EQ(request.payload, expected);
}

TEST(Simulated, DropsAnswersToOtherRequests) {
    FakeHost host;
    Simulated attester(host.take_port(), kLong);
    const auto evidence = attest(attester, host, [&](const Frame& frame) {
        host.write(report(frame.request - 1, {0xbb}));
        host.write({.type = Type::kFailure, .request = frame.request + 1, .payload = {}});
        host.write(report(frame.request, {0xcc}));
    });
    ASSERT_TRUE(evidence);
    EXPECT_EQ(evidence->report, Bytes({0xcc}));
}

TEST(Simulated, ALateAnswerIsNotTakenForTheNextOne) {
    FakeHost host;
    Simulated attester(host.take_port(), kShort);
    EXPECT_FALSE(attester.attest(kReportData));
    const Frame late = host.read();
    host.write(report(late.request, {0xbb}));
    const auto evidence =
        attest(attester, host, [&](const Frame& frame) { host.write(report(frame.request, {0xcc})); });
    ASSERT_TRUE(evidence);
    EXPECT_EQ(evidence->report, Bytes({0xcc}));
}

TEST(Simulated, NeverClaimsToBeReal) {
    FakeHost host;
    Simulated attester(host.take_port(), kLong);
    const auto evidence = attest(attester, host, [&](const Frame& frame) {
        const Evidence lie{
            .source = Source::kConfigfsTsm, .kind = guest_port::Kind::kTdxQuote, .report = {1}, .event_log = {2}};
        host.write({.type = Type::kAttested, .request = frame.request, .payload = guest_port::encode_evidence(lie)});
    });
    EXPECT_EQ(evidence.value().source, Source::kSimulated);
    EXPECT_EQ(evidence.value().kind, guest_port::Kind::kTdxQuote);
    EXPECT_EQ(evidence.value().event_log, Bytes({2}));
}

TEST(Simulated, ARefusalComesThroughAsOneLine) {
    FakeHost host;
    Simulated attester(host.take_port(), kLong);
    const auto evidence = attest(attester, host, [&](const Frame& frame) {
        host.write({.type = Type::kFailure, .request = frame.request, .payload = {'n', 'o', '\n', 0x1b, '.'}});
    });
    ASSERT_FALSE(evidence);
    EXPECT_EQ(evidence.error().message, "port: refused: no??.");
}

TEST(Simulated, AnAnswerOfAnotherTypeOrWithLyingLengthsIsRefused) {
    FakeHost host;
    Simulated attester(host.take_port(), kLong);
    EXPECT_FALSE(attest(attester, host, [&](const Frame& frame) {
        host.write({.type = Type::kReady, .request = frame.request, .payload = {}});
    }));
    EXPECT_FALSE(attest(attester, host, [&](const Frame& frame) {
        host.write({.type = Type::kAttested, .request = frame.request, .payload = Bytes(20, 0xff)});
    }));
}

TEST(Simulated, ExtendsRtmr3AndNothingElse) {
    FakeHost host;
    Simulated attester(host.take_port(), kLong);
    Sha384 digest{};
    digest.fill(0x5a);
    Frame request;
    const auto answered = [&](Frame answer) {
        std::thread processor([&] {
            request = host.read();
            answer.request = request.request;
            host.write(answer);
        });
        const auto done = attester.extend(digest);
        processor.join();
        return done;
    };
    const auto done = answered({.type = Type::kExtended, .request = 0, .payload = {}});
    EXPECT_TRUE(done) << done.error().message;
    EXPECT_EQ(request.type, Type::kExtendRequest);
    Bytes expected(52, 0x5a);
    std::copy_n(Bytes{3, 0, 0, 0}.begin(), 4, expected.begin());
    EXPECT_EQ(request.payload, expected);
    EXPECT_FALSE(answered({.type = Type::kExtended, .request = 0, .payload = {1}}));
    EXPECT_FALSE(answered({.type = Type::kReady, .request = 0, .payload = {}}));
    EXPECT_FALSE(answered({.type = Type::kFailure, .request = 0, .payload = {}}));
}

TEST(Simulated, GarbageFailsOneChallengeOnly) {
    FakeHost host;
    Simulated attester(host.take_port(), kLong);
    EXPECT_FALSE(attest(attester, host, [&](const Frame&) { host.write(Bytes(100, 'x')); }));
    EXPECT_TRUE(attest(attester, host, [&](const Frame& frame) { host.write(report(frame.request, {1})); }));
}

TEST(Simulated, ASilentHostIsGivenUp) {
    FakeHost host;
    Simulated attester(host.take_port(), kShort);
    const auto start = Clock::now();
    const auto evidence = attester.attest(kReportData);
    ASSERT_FALSE(evidence);
    EXPECT_EQ(evidence.error().message, "port: no answer in 50 ms");
    EXPECT_LT(Clock::now() - start, kLong);
}

TEST(Simulated, StaleAnswersThatKeepComingEndAtTheDeadline) {
    FakeHost host;
    Simulated attester(host.take_port(), std::chrono::milliseconds(0));
    // As many as fit: the port still holds some when the time is over.
    for (std::uint32_t request = 1; request <= 100; ++request) host.write(report(request, {1}));
    const auto evidence = attester.attest(kReportData);
    ASSERT_FALSE(evidence);
    EXPECT_EQ(evidence.error().message, "port: only answers to other requests in 0 ms");
}

}  // namespace
}  // namespace hallmark::guest
