// SPDX-License-Identifier: Apache-2.0
#include "common/jcs.hpp"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>

#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/hex.hpp"

namespace hallmark {
namespace {

std::string canonical_of(std::string_view text) {
    const auto json = parse_json(text, "t");
    return json ? canonical(*json).value_or("refused") : "not JSON";
}

// RFC 8785, appendix B.
TEST(Jcs, NumbersOfTheRfc) {
    static constexpr std::array<std::pair<std::uint64_t, std::string_view>, 24> kNumbers = {{
        {0x0000000000000000, "0"},
        {0x8000000000000000, "0"},
        {0x0000000000000001, "5e-324"},
        {0x8000000000000001, "-5e-324"},
        {0x7fefffffffffffff, "1.7976931348623157e+308"},
        {0xffefffffffffffff, "-1.7976931348623157e+308"},
        {0x4340000000000000, "9007199254740992"},
        {0xc340000000000000, "-9007199254740992"},
        {0x4430000000000000, "295147905179352830000"},
        {0x44b52d02c7e14af5, "9.999999999999997e+22"},
        {0x44b52d02c7e14af6, "1e+23"},
        {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
        {0x444b1ae4d6e2ef4e, "999999999999999700000"},
        {0x444b1ae4d6e2ef4f, "999999999999999900000"},
        {0x444b1ae4d6e2ef50, "1e+21"},
        {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
        {0x3eb0c6f7a0b5ed8d, "0.000001"},
        {0x41b3de4355555553, "333333333.3333332"},
        {0x41b3de4355555554, "333333333.33333325"},
        {0x41b3de4355555555, "333333333.3333333"},
        {0x41b3de4355555556, "333333333.3333334"},
        {0x41b3de4355555557, "333333333.33333343"},
        {0xbecbf647612f3696, "-0.0000033333333333333333"},
        {0x43143ff3c1cb0959, "1424953923781206.2"},
    }};
    for (const auto& [bits, text] : kNumbers) EXPECT_EQ(canonical(Json(std::bit_cast<double>(bits))).value(), text);
    EXPECT_FALSE(canonical(Json(std::bit_cast<double>(std::uint64_t{0x7fffffffffffffff}))));
    EXPECT_FALSE(canonical(Json(std::numeric_limits<double>::infinity())));
    EXPECT_FALSE(canonical(Json(-std::numeric_limits<double>::infinity())));
}

// RFC 8785, section 3.2.2 and 3.2.4.
TEST(Jcs, ExampleOfTheRfc) {
    EXPECT_EQ(canonical_of(R"({"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
                               "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
                               "literals": [null, true, false]})"),
              "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
              "\"string\":\"\u20ac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
}

// RFC 8785, section 3.2.3: in UTF-16 a character beyond the first plane stands before U+FB33, in UTF-8 after it.
TEST(Jcs, MembersStandInTheOrderOfTheRfc) {
    EXPECT_EQ(canonical_of(R"({"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Dalet","1":"One",
                               "\ud83d\ude00":"Emoji","\u0080":"Control","\u00f6":"O"})"),
              "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\",\"\u00f6\":\"O\",\"\u20ac\":\"Euro "
              "Sign\",\"\U0001f600\":\"Emoji\",\"\ufb33\":\"Dalet\"}");
}

TEST(Jcs, DigestThatTrusteePrints) {
    const auto text = canonical_of(R"({"b":1,"a":"test","c":{"d":"e"}})");
    EXPECT_EQ(to_hex(sha384(as_bytes(text))),
              "e71ce8e70d814ba6639c3612ebee0ff1f76f650f8dbb5e47157e0f3f525cd22c4597480a186427c813ca941da78870c3");
}

TEST(Jcs, IntegersThatADoubleDoesNotHoldAreRefused) {
    EXPECT_EQ(canonical_of("[9007199254740991,-9007199254740991,-0]"), "[9007199254740991,-9007199254740991,0]");
    EXPECT_EQ(canonical_of("9007199254740992"), "refused");
    EXPECT_EQ(canonical_of("-9007199254740992"), "refused");
    EXPECT_EQ(canonical_of("18446744073709551615"), "refused");
    EXPECT_FALSE(canonical(Json(std::int64_t{1} << 60)));  // signed by type, positive by value
}

TEST(Jcs, WhatIsNoJsonIsRefused) {
    for (const auto* text : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80"}) {
        EXPECT_FALSE(canonical(Json(text)));
        EXPECT_FALSE(canonical(Json{{text, 1}}));
    }
    Json deep = 1;
    for (int i = 0; i < 200; ++i) deep = Json::array({std::move(deep)});
    EXPECT_FALSE(canonical(deep));
    EXPECT_FALSE(canonical(Json::binary({1})));
}

}  // namespace
}  // namespace hallmark
