// SPDX-License-Identifier: Apache-2.0
#include "agent/attestation/token_life.hpp"

#include <gtest/gtest.h>

#include <string>

#include "common/base64.hpp"

namespace hallmark::attestation {
namespace {

constexpr std::time_t kNow = 1'800'000'000;

std::string token_of(std::string_view claims) { return "e30." + to_base64url(as_bytes(claims)) + ".c2ln"; }
std::chrono::seconds life_of(std::string_view claims) { return token_life(token_of(claims), kNow); }

TEST(TokenLife, IsWhatTheIssuerGave) {
    EXPECT_EQ(life_of(R"({"iat":1800000000,"exp":1800000300})").count(), 300);
    // A clock here that is a year off changes nothing.
    EXPECT_EQ(life_of(R"({"iat":1700000000,"exp":1700000300})").count(), 300);
    EXPECT_EQ(life_of(R"({"exp":1800000300})").count(), 300);
    EXPECT_EQ(life_of(R"({"iat":1800000000.25,"exp":1800000300.75})").count(), 300);
}

TEST(TokenLife, IsNothingWhereItCannotBeTold) {
    EXPECT_EQ(life_of(R"({"iat":1800000000})").count(), 0);
    EXPECT_EQ(life_of(R"({"exp":"1800000300"})").count(), 0);
    EXPECT_EQ(life_of(R"({"iat":1800000300,"exp":1800000000})").count(), 0);
    EXPECT_EQ(life_of(R"({"iat":-1,"exp":1e300})").count(), 0);
    EXPECT_EQ(life_of("[]").count(), 0);
    for (const auto token : {"", "a", "a.b", "..", "a.!.c"}) EXPECT_EQ(token_life(token, kNow).count(), 0) << token;
}

TEST(TokenLife, IsADayAtMost) { EXPECT_EQ(life_of(R"({"iat":0,"exp":253402300799})").count(), 86400); }

}  // namespace
}  // namespace hallmark::attestation
