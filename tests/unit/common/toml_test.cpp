// SPDX-License-Identifier: Apache-2.0
#include "common/toml.hpp"

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"

namespace hallmark {
namespace {

Result<Toml> parse(std::string_view text) { return Toml::parse(text, "f.toml", 4096); }

TEST(Toml, ValuesAndTheirLines) {
    const auto document = parse("b = true\n\n[z.y]\ntext = 'x'\nlist = [\n  1,\n  0x10,\n]\n[a]\n");
    ASSERT_TRUE(document) << document.error().message;
    EXPECT_TRUE((*document->at("b"))->boolean().value());
    const Toml* y = (*document->at("z"))->find("y");
    ASSERT_NE(y, nullptr);
    EXPECT_EQ(y->where(), "f.toml: line 3: z.y");
    EXPECT_EQ((*y->at("text"))->text().value(), "x");
    const auto list = (*y->at("list"))->array();
    ASSERT_TRUE(list);
    ASSERT_EQ((*list)->size(), 2U);
    EXPECT_EQ((**list)[1].integer().value(), 16);
    EXPECT_EQ((**list)[1].where(), "f.toml: line 7: z.y.list[1]");
    // In the order of the document.
    ASSERT_EQ(document->values().size(), 3U);
    EXPECT_EQ(document->values()[1].key(), "z");
}

TEST(Toml, ErrorsNameTheLine) {
    test::expect_error(parse("a = 1\nb = [\n"), {"f.toml", "line"});
    test::expect_error(parse("a = 1\na = 2\n"), {"f.toml", "line 2"});
    test::expect_error(parse("\na = 1.5\n"), {"f.toml: line 2: a", "fraction"});
    test::expect_error(parse("a = 1979-05-27\n"), {"f.toml: line 1: a", "date"});
    test::expect_error(parse("a.b.c.d.e.f.g.h.i = 1\n"), {"f.toml: line 1", "8 levels"});
    test::expect_error(parse(std::string(4097, ' ')), {"4097 bytes", "4096"});
    const auto document = parse("a = 1\n\nb = 'x'\n");
    ASSERT_TRUE(document);
    test::expect_error(document->only({"a", "c"}), {"f.toml: line 3: b", "unknown key", "a, c"});
    test::expect_error(document->at("c"), {"f.toml", "no key 'c'"});
    test::expect_error((*document->at("b"))->integer(), {"f.toml: line 3: b", "found a text", "a whole number"});
    test::expect_error((*document->at("a"))->name(), {"f.toml: line 1: a", "found a whole number"});
}

TEST(Toml, DotsAreCountedOutsideOfTexts) {
    const std::string dots(1001, '.');
    const auto counted = [](const std::string& text) { return !check_toml_depth(text, "f.toml"); };
    EXPECT_TRUE(counted(dots));
    EXPECT_FALSE(counted(dots.substr(1)));
    for (const char* quote : {"'", "\"", "'''", "\"\"\""}) {
        EXPECT_FALSE(counted("a = " + std::string(quote) + dots + quote)) << quote;
        EXPECT_TRUE(counted("a = " + std::string(quote) + "x" + quote + dots)) << quote;
    }
    EXPECT_FALSE(counted("# " + dots + "\n"));
    EXPECT_TRUE(counted("# '\n" + dots));
    EXPECT_TRUE(counted("a = '\\'" + dots)) << "a literal text knows no escapes";
    EXPECT_FALSE(counted("a = \"\\\"" + dots + "\""));
    EXPECT_TRUE(counted("a = ''\n" + dots)) << "an empty text is not the begin of three marks";
    EXPECT_TRUE(counted("a = '''x'''''" + dots)) << "a text may end in two marks of its own";
    EXPECT_TRUE(counted("a = 'x\n" + dots)) << "a text of one line ends with it";
}

TEST(Toml, OfJsonIsTheSame) {
    const auto document = Toml::parse_json(R"({"a":{"b":[1,-2,"x",true]},"none":null})", "f.json", 100);
    ASSERT_TRUE(document) << document.error().message;
    const auto* list = document->find("a")->find("b");
    ASSERT_NE(list, nullptr);
    ASSERT_EQ(list->values().size(), 4U);
    EXPECT_EQ(list->values()[1].integer().value(), -2);
    EXPECT_EQ(list->values()[2].text().value(), "x");
    EXPECT_TRUE(list->values()[3].boolean().value());
    EXPECT_EQ(document->find("none"), nullptr);
    test::expect_error(list->values()[3].text(), {"f.json: a.b[3]", "found a boolean", "a text"});
    const auto refuse = [](const std::string& text, std::initializer_list<std::string_view> words) {
        test::expect_error(Toml::parse_json(text, "f.json", 100), words);
    };
    refuse("", {"f.json", "JSON"});
    refuse("[]", {"f.json", "object"});
    refuse(R"({"a":1.5})", {"f.json: a", "number"});
    refuse(R"({"a":[null]})", {"f.json: a[0]", "null"});
    refuse(R"({"a":18446744073709551615})", {"f.json: a", "63 bits"});
    refuse(R"({"a":1,"a":2})", {"stands twice"});
    refuse(R"({"a":[[[[[[[[1]]]]]]]]})", {"8 levels"});
    refuse(std::string(101, ' '), {"101 bytes", "100"});
}

}  // namespace
}  // namespace hallmark
