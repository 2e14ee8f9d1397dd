// SPDX-License-Identifier: Apache-2.0
#include "common/json.hpp"

#include <gtest/gtest.h>

namespace hallmark {
namespace {

TEST(Json, RefusesWhatParsersDisagreeOn) {
    EXPECT_EQ(parse_json(R"({"a":1,"b":{"a":2},"a":3})", "t.json").error().message,
              "t.json: key 'a' stands twice in one object");
    EXPECT_FALSE(parse_json("{\"a\":1} x", "t.json"));
    EXPECT_FALSE(parse_json("{/* */}", "t.json"));
    EXPECT_FALSE(parse_json("\"\xff\"", "t.json"));
    EXPECT_FALSE(parse_json("", "t.json"));
    EXPECT_TRUE(parse_json(R"({"b":{"a":2},"a":[{"a":1},{"a":1}]})", "t.json"));
}

TEST(Json, RefusesDeepNestingBeforeItRecurses) {
    const std::string deep(1'000'000, '[');
    EXPECT_EQ(parse_json(deep, "t.json").error().message, "t.json: nested deeper than 64 levels");
    EXPECT_TRUE(parse_json("\"" + std::string(100, '[') + "\"", "t.json"));
}

TEST(Json, RefusesObjectsThatTakeLongToBuild) {
    const auto object = [](std::size_t members) {
        std::string text = "{\"a\":[{";
        for (std::size_t i = 0; i < members; ++i) text += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":0";
        return text + "}]}";
    };
    EXPECT_TRUE(parse_json(object(1024), "t.json"));
    EXPECT_EQ(parse_json(object(1025), "t.json").error().message, "t.json: an object of more than 1024 members");
    EXPECT_FALSE(parse_json(object(300'000), "t.json"));  // minutes, if each were looked for among all before
}

TEST(Json, KeysKeepTheirOrder) {
    EXPECT_EQ(to_text(parse_json(R"({"b":1,"a":2})", "t.json").value()), "{\n  \"b\": 1,\n  \"a\": 2\n}\n");
}

/// Against the parser of the library, which knows no rules of ours.
TEST(Json, BuildsWhatTheTextSays) {
    for (const std::string_view text :
         {"null", "true", "-1", "18446744073709551615", "0.25", R"("a\u00e9\n")", "[]", "{}", "[[],{},[1,[2]],3]",
          R"({"b":{"c":[1,{"d":null}],"e":false},"a":[{"x":{}},{"x":[]}],"":"","f":-0.0})"}) {
        const auto built = parse_json(text, "t.json");
        ASSERT_TRUE(built) << built.error().message;
        EXPECT_EQ(*built, Json::parse(text)) << text;
        EXPECT_EQ(built->dump(), Json::parse(text).dump());
    }
    for (const std::string_view text : {"[1,]", "[1", "{\"a\"}", "{\"a\":1,}", "01", "1e999", "[}", "]", "nul"})
        EXPECT_EQ(parse_json(text, "t.json").error().message, "t.json: not JSON; expected one JSON value (RFC 8259)");
}

TEST(JsonObject, NamesTheFieldThatIsWrong) {
    const auto json = parse_json(R"({"verity":{"salt":5,"extra":1},"list":{}})", "m.json").value();
    const auto object = JsonObject::of(json, "m.json").value();
    EXPECT_EQ(object.only({"verity"}).error().message, "m.json: list: unknown key; this version does not know it");
    const auto verity = object.object("verity").value();
    EXPECT_EQ(verity.string("salt").error().message, "m.json: verity.salt: found number, expected a string");
    EXPECT_EQ(verity.number("blocks").error().message, "m.json: verity.blocks: missing");
    EXPECT_EQ(verity.only({"salt"}).error().message,
              "m.json: verity.extra: unknown key; this version does not know it");
    EXPECT_EQ(object.array("list").error().message, "m.json: list: found object, expected a list");
}

TEST(JsonObject, NumbersAreWholeAndNotNegative) {
    const auto json =
        parse_json(R"({"a":-1,"b":1.5,"c":1e400,"d":18446744073709551615})", "m").value_or(Json::object());
    const auto object = JsonObject::of(json, "m").value();
    EXPECT_FALSE(object.number("a"));
    EXPECT_FALSE(object.number("b"));
}

}  // namespace
}  // namespace hallmark
