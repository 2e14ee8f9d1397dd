// SPDX-License-Identifier: Apache-2.0
#include "relying-party/broker/known_tokens.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/relying-party/broker/handshake.hpp"

namespace hallmark::broker::test {
namespace {

constexpr std::time_t kNow = 1'790'000'000;
constexpr std::time_t kLife = 300;

Bearer bearer(std::size_t size_of_claims = 10) {
    const auto key = jose::Jwk::parse(parse_json(kKey, "key").value(), "key");
    return {.key = key.value(), .expires = kNow + kLife, .claims = {{"claim", std::string(size_of_claims, 'c')}}};
}

TEST(KnownTokens, AreKnownByEveryByteUntilTheyExpire) {
    KnownTokens tokens;
    EXPECT_EQ(tokens.find("a.b.c", kNow), nullptr);
    const auto kept = tokens.keep("a.b.c", bearer(), kNow);
    EXPECT_EQ(tokens.find("a.b.c", kNow), kept);
    EXPECT_EQ(tokens.find("a.b.d", kNow), nullptr);
    EXPECT_EQ(tokens.find("a.b.c ", kNow), nullptr);
    EXPECT_EQ(tokens.find("", kNow), nullptr);
    EXPECT_EQ(tokens.find("a.b.c", kNow + kLife - 1), kept);
    EXPECT_EQ(tokens.find("a.b.c", kNow + kLife), nullptr);
    // A clock that was set back may stand before the token's beginning.
    EXPECT_EQ(tokens.find("a.b.c", kNow - 1), nullptr);
}

TEST(KnownTokens, AreBoundedAndTheOldestGo) {
    KnownTokens tokens(64 * 1024);
    for (int i = 0; i < 1000; ++i) tokens.keep(std::to_string(i), bearer(), kNow);
    int known = 0;
    for (int i = 0; i < 1000; ++i) known += tokens.find(std::to_string(i), kNow) != nullptr ? 1 : 0;
    EXPECT_GT(known, 5);
    EXPECT_LT(known, 64);
    EXPECT_NE(tokens.find("999", kNow), nullptr);
    EXPECT_EQ(tokens.find("0", kNow), nullptr);
    // The same token again takes no more room.
    for (int i = 0; i < 1000; ++i) tokens.keep("999", bearer(), kNow);
    EXPECT_NE(tokens.find("998", kNow), nullptr);
    // What would push out all others is not kept.
    EXPECT_NE(tokens.keep("large", bearer(100'000), kNow), nullptr);
    EXPECT_EQ(tokens.find("large", kNow), nullptr);
    EXPECT_NE(tokens.find("999", kNow), nullptr);
}

}  // namespace
}  // namespace hallmark::broker::test
