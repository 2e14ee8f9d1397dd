// SPDX-License-Identifier: Apache-2.0
#include "common/json_bytes.hpp"

#include <gtest/gtest.h>

#include <string>

#include "common/bytes.hpp"

namespace hallmark {
namespace {

TEST(JsonBytes, ListsOfBytesBecomeOneValue) {
    const auto json = parse_json_with_bytes(R"({"a":[1, 0,255 ],"b":{"c":[ 7]},"d":[[2],[],[3]]})", "t.json").value();
    EXPECT_EQ(json["a"], Json::binary({1, 0, 255}));
    EXPECT_EQ(json["b"]["c"], Json::binary({7}));
    EXPECT_EQ(json["d"][0], Json::binary({2}));
    EXPECT_EQ(json["d"][1], Json::array());
    EXPECT_EQ(json["d"][2], Json::binary({3}));
    EXPECT_EQ(parse_json_with_bytes("[9]", "t.json").value(), Json::binary({9}));
}

TEST(JsonBytes, EverythingElseStaysWhatItIs) {
    for (const std::string_view text :
         {"[]", "[ ]", "[256]", "[1,256]", "[1,-1]", "[1.0]", "[1e1]", "[1,null]", R"(["[1]"])", R"({"[1]":"[2]"})",
          R"(["\"[1]","\\",{}])", R"({"a":[[]],"b":"\\\"[1,2]"})", "[4294967297]", "[18446744073709551617]"})
        EXPECT_EQ(parse_json_with_bytes(text, "t.json").value(), parse_json(text, "t.json").value()) << text;
}

TEST(JsonBytes, WhatIsNoJsonIsNoneHere) {
    for (const std::string_view text : {"", "[1", "[1,", "[1,]", "[,1]", "[01]", "[00]", "[1 2]", "[1]]", "[1}",
                                        "\\[1]", "[+1]", "[1]x", "\"[1]", R"({"a":[1],"a":[1]})"}) {
        const auto plain = parse_json(text, "t.json");
        const auto bytes = parse_json_with_bytes(text, "t.json");
        ASSERT_FALSE(bytes) << text;
        EXPECT_EQ(bytes.error().message, plain.error().message) << text;
    }
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + "1" + std::string(depth, ']'); };
    EXPECT_TRUE(parse_json_with_bytes(nested(64), "t.json"));
    EXPECT_EQ(parse_json_with_bytes(nested(65), "t.json").error().message, "t.json: nested deeper than 64 levels");
}

TEST(JsonBytes, AReaderOfObjectsCallsThemLists) {
    const auto json = parse_json_with_bytes(R"({"a":[1]})", "t.json").value();
    EXPECT_EQ(JsonObject::of(json, "t.json")->string("a").error().message, "t.json: a: found array, expected a string");
}

TEST(JsonBytes, ListsAreWrittenAsTheyWereRead) {
    for (const std::string_view text :
         {R"({"a":[1,0,255,10,99],"b":{"c":[7]},"d":[[2],[],[3]],"e":{}})", "[9]", "[]", "null", "-3", "1.5", "true",
          R"("\"\\\n\u0001\u007fä")", R"({"\"":18446744073709551615})", R"([256,"a",{"b":null}])"})
        EXPECT_EQ(text_with_bytes(parse_json_with_bytes(text, "t.json").value()),
                  text_with_bytes(parse_json(text, "t.json").value()))
            << text;
    EXPECT_EQ(text_with_bytes(Json{{"a", Json::binary({1, 0, 255, 10, 99})}, {"b", Json::binary({})}}),
              R"({"a":[1,0,255,10,99],"b":[]})");
    Bytes every;
    std::string list;
    for (unsigned byte = 0; byte <= 255; ++byte) {
        every.push_back(static_cast<std::uint8_t>(byte));
        list += (byte == 0 ? "[" : ",") + std::to_string(byte);
    }
    EXPECT_EQ(text_with_bytes(Json::binary(every)), list + "]");
}

TEST(JsonBytes, OfJsonWithoutBytesTheTextIsTheUsualOne) {
    for (const std::string_view text : {R"({"a":[1,0,255],"b":{"c":[-7]},"d":[[2],[],{}],"e":{"f":null}})", "[]", "{}",
                                        "1.5", "true", R"("\"\\\n\u0001\u007fä/")", R"({"\"":18446744073709551615})"}) {
        const Json json = parse_json(text, "t.json").value();
        EXPECT_EQ(text_with_bytes(json), json.dump()) << text;
    }
    EXPECT_EQ(text_with_bytes("a\xff"), "\"a\xef\xbf\xbd\"");
}

}  // namespace
}  // namespace hallmark
