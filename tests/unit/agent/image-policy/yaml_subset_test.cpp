// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/yaml_subset.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/expect_error.hpp"

namespace hallmark::image_policy {
namespace {

using test::expect_error;

std::string read(std::string_view text) {
    const auto json = parse_yaml_subset(text, "a.yaml");
    EXPECT_TRUE(json) << json.error().message;
    return json ? json->dump() : "";
}

void refuses(std::string_view text, std::initializer_list<std::string_view> words) {
    expect_error(parse_yaml_subset(text, "a.yaml"), words);
}

TEST(YamlSubset, ReadsMappings) {
    EXPECT_EQ(read(""), "{}");
    EXPECT_EQ(read("# only\n\n   # comments"), "{}");
    EXPECT_EQ(read("---\na: 1\nb:\n  c: x y # why\n  d:\ne: 'f'\n"), R"({"a":"1","b":{"c":"x y","d":null},"e":"f"})");
    EXPECT_EQ(read("a:\r\n    b:\r\n        c: d\r\n"), R"({"a":{"b":{"c":"d"}}})");
}

TEST(YamlSubset, KnowsWhereKeysAndTextsEnd) {
    EXPECT_EQ(read("r.example:5000/ns: x"), R"({"r.example:5000/ns":"x"})");
    EXPECT_EQ(read("a: https://b:1/c#d"), R"({"a":"https://b:1/c#d"})");
    EXPECT_EQ(read("\"*.r: example\" : \"c # d\"  # e"), R"({"*.r: example":"c # d"})");
    EXPECT_EQ(read("'a': ''"), R"({"a":""})");
    EXPECT_EQ(read("a b: c"), R"({"a b":"c"})");
}

TEST(YamlSubset, RefusesTheRestOfYaml) {
    refuses("a: 1\n- b", {"a.yaml: line 2", "'-'"});
    refuses("a: [b]", {"line 1", "'['"});
    refuses("a: {}", {"'{'"});
    refuses("a: |\n  b", {"'|'"});
    refuses("a: &b c", {"'&'"});
    refuses("a: *b", {"'*'"});
    refuses("a: !b c", {"'!'"});
    refuses("*.r.example: c", {"'*'"});
    refuses("a: b\n   c", {"line 2", "no 'key: value'"});
    refuses("a", {"no 'key: value'"});
    refuses("a:b", {"no 'key: value'"});
    refuses("a: b: c", {"a second ':'"});
    refuses("a: \"b", {"without an end"});
    refuses("a: \"b\\n\"", {"an escape"});
    refuses("a: 'b''c'", {"an escape"});
    refuses("a: 'b' c", {"more behind"});
    refuses("\ta: b", {"a tab"});
    refuses("a: b\n---\nc: d", {"line 2", "'-'"});
}

TEST(YamlSubset, RefusesOtherForms) {
    refuses("a: 1\na: 2", {"line 2", "'a' stands twice"});
    refuses("a: 1\n  b: 2", {"line 2", "indented further"});
    refuses("a:\n    b: 1\n  c: 2", {"line 3", "indented"});
    refuses("  a: 1\nb: 2", {"line 2", "indented less"});
    std::string deep;
    for (std::size_t i = 0; i <= kDeepestYaml; ++i) deep += std::string(i, ' ') + "a:\n";
    refuses(deep, {"nested deeper than 8"});
    std::string many;
    for (std::size_t i = 0; i <= kMostYamlLines; ++i) many += "k" + std::to_string(i) + ":\n";
    refuses(many, {"more than 4096 lines"});
    refuses(std::string(kLargestYaml + 1, '\n'), {"262145 bytes"});
}

}  // namespace
}  // namespace hallmark::image_policy
