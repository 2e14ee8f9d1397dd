// SPDX-License-Identifier: Apache-2.0
#include "agent/handshake/facts.hpp"

#include <gtest/gtest.h>

#include <string>

#include "common/base64.hpp"
#include "tests/support/expect_error.hpp"

namespace hallmark::handshake {
namespace {

constexpr std::time_t kNow = 1'800'000'000;

std::string token(std::string_view claims) { return "e30." + to_base64url(as_bytes(claims)) + ".AA"; }

std::string found(const Facts& facts, std::string_view key) {
    for (const auto& [name, value] : facts)
        if (name == key) return value;
    return "";
}

TEST(HandshakeFacts, AreThoseOfTheToken) {
    const auto verdict = verdict_in(
        token(R"({"iat":1800000000,"exp":1800000300,"submods":{"cpu0":{"ear.status":"warning",)"
              R"("ear.trustworthiness-vector":{"executables":3,"hardware":97},"ear.appraisal-policy-id":"a\u001bb",)"
              R"("ear.hallmark.simulated-tee":true}}})"),
        kNow);
    ASSERT_TRUE(verdict) << verdict.error().message;
    EXPECT_EQ(verdict->status, "warning");
    EXPECT_EQ(found(verdict->facts, "trustworthiness"), "executables 3, hardware 97");
    EXPECT_EQ(found(verdict->facts, "policy"), "a?b");
    EXPECT_EQ(found(verdict->facts, "lives"), "300 s");
    EXPECT_NE(found(verdict->facts, "TEE"), "");
    EXPECT_EQ(found(verdict->facts, "clocks"), "");
}

TEST(HandshakeFacts, NameAClockThatIsOff) {
    const auto clocks = [](const char* made) {
        return found(verdict_in(token(std::string(R"({"iat":)") + made + "}"), kNow)->facts, "clocks");
    };
    EXPECT_NE(clocks("1800003600").find("3600 s ahead of the one here"), std::string::npos);
    EXPECT_NE(clocks("1799999000").find("1000 s behind the one here"), std::string::npos);
    EXPECT_EQ(clocks("1800000050"), "");
    EXPECT_EQ(clocks("-1"), "");
    EXPECT_EQ(clocks("18446744073709551615"), "");
}

TEST(HandshakeFacts, TakeNothingElseForAToken) {
    test::expect_error(verdict_in("a.b", kNow), {"three parts"});
    test::expect_error(verdict_in("e30.!.AA", kNow), {"base64url"});
    EXPECT_FALSE(verdict_in(token("[]"), kNow));
    for (const auto* claims : {"{}", R"({"submods":1})", R"({"submods":{"cpu0":[]}})",
                               R"({"submods":{"cpu0":{"ear.status":1,"ear.trustworthiness-vector":"x"}}})"}) {
        const auto verdict = verdict_in(token(claims), kNow);
        ASSERT_TRUE(verdict) << claims;
        EXPECT_EQ(verdict->status, "");
    }
}

TEST(HandshakeFacts, OfEvidenceThatCantBeReadAreAnError) {
    EXPECT_TRUE(facts_of_evidence("sample", Json::object())->empty());
    EXPECT_FALSE(facts_of_evidence("snp", Json::object()));
    EXPECT_FALSE(facts_of_evidence("tdx", Json::object()));
}

}  // namespace
}  // namespace hallmark::handshake
