// SPDX-License-Identifier: Apache-2.0
#include "relying-party/broker/sessions.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/expect_error.hpp"

namespace hallmark::broker {
namespace {

const Version& kVersion = kbs::kVersions[0];
constexpr auto kTee = verifier::Tee::kTdx;

std::string open(Sessions& sessions, std::string_view client, Deadline now) {
    return text_of(sessions.open(kVersion, kTee, client, now).value().id);
}

TEST(Sessions, ANonceIsTakenOnce) {
    Sessions sessions;
    const auto now = Clock::now();
    const auto opened = sessions.open(kVersion, kTee, "192.0.2.1", now).value();
    const auto taken = sessions.take(text_of(opened.id), now).value();
    EXPECT_EQ(taken.nonce, opened.nonce);
    EXPECT_EQ(taken.tee, kTee);
    EXPECT_TRUE(taken.token.empty());
    test::expect_error(sessions.take(text_of(opened.id), now), {"has been used", "auth"}, Fault::kNo);
    sessions.attested(opened.id, "T", now);
    EXPECT_EQ(sessions.take(text_of(opened.id), now).value().token, "T");
    EXPECT_EQ(sessions.token(text_of(opened.id), now).value(), "T");
}

TEST(Sessions, OneNetworkPushesOutItsOwn) {
    Sessions sessions({.most_bytes = 64 * 1024});
    const auto now = Clock::now();
    const auto guest = open(sessions, "192.0.2.1", now);
    const auto attested = sessions.open(kVersion, kTee, "192.0.2.1", now).value();
    ASSERT_TRUE(sessions.take(text_of(attested.id), now));
    sessions.attested(attested.id, std::string(1000, 't'), now);
    std::string first;
    std::string last;
    for (int i = 0; i < 10'000; ++i) {
        last = open(sessions, "2001:db8:0:1::" + std::to_string(i % 9999), now);
        if (first.empty()) first = last;
    }
    EXPECT_LE(sessions.count(), 64 * 1024 / 512U);
    EXPECT_GE(sessions.count(), 50U);
    EXPECT_FALSE(sessions.take(first, now));
    EXPECT_TRUE(sessions.take(last, now));
    EXPECT_TRUE(sessions.take(guest, now));
    EXPECT_TRUE(sessions.token(text_of(attested.id), now));
}

TEST(Sessions, TokensWeighToo) {
    Sessions sessions({.most_bytes = 64 * 1024});
    const auto now = Clock::now();
    std::vector<SessionId> ids;
    for (int i = 0; i < 20; ++i) {
        ids.push_back(sessions.open(kVersion, kTee, "192.0.2.1", now).value().id);
        ASSERT_TRUE(sessions.take(text_of(ids.back()), now));
        sessions.attested(ids.back(), std::string(10'000, 't'), now);
    }
    EXPECT_LE(sessions.count(), 6U);
    EXPECT_FALSE(sessions.token(text_of(ids.front()), now));
    EXPECT_TRUE(sessions.token(text_of(ids.back()), now));
}

TEST(Sessions, ExpiredOnesGo) {
    Sessions sessions;
    const auto now = Clock::now();
    for (int i = 0; i < 100; ++i) open(sessions, "192.0.2." + std::to_string(i), now);
    const auto later = now + std::chrono::seconds(200);
    const auto kept = open(sessions, "192.0.2.1", later);
    open(sessions, "192.0.2.1", now + std::chrono::seconds(300));
    EXPECT_EQ(sessions.count(), 2U);
    EXPECT_TRUE(sessions.take(kept, later));
}

TEST(Sessions, ATokenForASessionThatIsGoneIsNotKept) {
    Sessions sessions;
    const auto now = Clock::now();
    const auto opened = sessions.open(kVersion, kTee, "192.0.2.1", now).value();
    sessions.attested(opened.id, "T", now);  // its nonce was not taken
    EXPECT_FALSE(sessions.token(text_of(opened.id), now));
    sessions.attested(SessionId{}, "T", now);
    EXPECT_EQ(sessions.count(), 1U);
}

TEST(Sessions, AnAddressOfIPv6StandsForItsSubnet) {
    EXPECT_EQ(network_of("2001:db8::1"), network_of("2001:db8::ffff:0:0:2"));
    EXPECT_NE(network_of("2001:db8::1"), network_of("2001:db8:0:1::1"));
    EXPECT_NE(network_of("::ffff:192.0.2.1"), network_of("::ffff:192.0.2.2"));
    EXPECT_NE(network_of("192.0.2.1"), network_of("192.0.2.2"));
}

}  // namespace
}  // namespace hallmark::broker
