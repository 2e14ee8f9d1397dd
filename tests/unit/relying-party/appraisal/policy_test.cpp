// SPDX-License-Identifier: Apache-2.0
#include "relying-party/appraisal/policy.hpp"

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"

namespace hallmark::appraisal {
namespace {

/// Line 1 is the first of the text.
constexpr std::string_view kPolicy = R"(version = 1
name = "test"
[values.image]
names = ["a", "b"]
load = "load-image"
[snp.executables]
otherwise = 33
[[snp.executables.grade]]
value = 3
require = [
    { claim = "c", in = "a" },
]
[snp.hardware]
otherwise = 97
[[snp.hardware.grade]]
value = 2
require = [{ claim = "ok", equal = true }]
[snp.configuration]
otherwise = 36
[[snp.configuration.grade]]
value = 2
require = [{ claim = "ok", equal = true }]
[[snp.configuration.grade]]
value = 3
require = [{ claim = "ok", one_of = [true, false] }]
)";

void refuse(std::string_view from, std::string_view to, std::initializer_list<std::string_view> words) {
    std::string text(kPolicy);
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    test::expect_error(parse_policy(text, "p.toml"), words);
}

TEST(Policy, IsReadWhole) {
    const auto policy = parse_policy(kPolicy, "p.toml");
    ASSERT_TRUE(policy) << policy.error().message;
    EXPECT_EQ(policy->name, "test");
    ASSERT_NE(policy->set_of("b"), nullptr);
    EXPECT_EQ(policy->set_of("b")->load, "load-image");
    EXPECT_EQ(policy->set_of("c"), nullptr);
    ASSERT_EQ(policy->tees.size(), 1U);
    const auto& configuration = policy->tees.at(verifier::Tee::kSnp).at("configuration");
    EXPECT_EQ(configuration.otherwise, 36);
    ASSERT_EQ(configuration.grades.size(), 2U);
    EXPECT_EQ(configuration.grades[1].value, 3);
}

TEST(Policy, ErrorsNameTheLine) {
    refuse("version = 1", "version = 2", {"p.toml: line 1: version", "found 2", "expected 1"});
    refuse("version = 1\n", "", {"no key 'version'"});
    refuse("name = \"test\"", "name = \"\"", {"line 2: name", "1 to 128"});
    refuse("name = \"test\"", "name = \"test\"\nnome = 1", {"line 3: nome", "unknown key"});
    refuse("load =", "lode =", {"line 5", "unknown key"});
    refuse("[\"a\", \"b\"]", "[\"a\", \"a\"]", {"'a' stands twice"});
    refuse("[snp.hardware]", "[snp.hard-ware]", {"snp.hard-ware", "unknown key"});
    refuse("in = \"a\"", "in = \"z\"", {"snp.executables", "'z'", "no table"});
    refuse("otherwise = 33", "otherwise = 3", {"line 7: snp.executables.otherwise", "does not affirm"});
    refuse("otherwise = 33", "otherwise = 128", {"line 7", "128"});
    refuse("value = 3\n", "value = 1\n", {"line 9", "found 1"});
    refuse("value = 3\n", "value = 40\n", {"line 7", "worse than every grade"});
    refuse("value = 3\nrequire = [{ claim = \"ok\", one", "value = 2\nrequire = [{ claim = \"ok\", one",
           {"line 23", "best grade first"});
    refuse("require = [\n    { claim = \"c\", in = \"a\" },\n]", "require = []", {"line 10", "empty"});
    refuse("[[snp.configuration.grade]]\nvalue = 2", "[[tdx.configuration.grade]]\nvalue = 2", {"p.toml"});
    test::expect_error(parse_policy(std::string(kLargestPolicy + 1, '#'), "p.toml"), {"65537 bytes", "65536"});
}

TEST(Policy, ADimensionThatMattersMayNotBeForgotten) {
    std::string text(kPolicy);
    const auto at = text.find("[snp.hardware]");
    text.erase(at, text.find("[snp.configuration]") - at);
    test::expect_error(parse_policy(text, "p.toml"), {"snp", "nothing about hardware"});
    test::expect_error(parse_policy("version = 1\nname = 'n'\n", "p.toml"), {"neither"});
}

TEST(Policy, ConstraintsThatMeanNothingAreRefused) {
    const auto constraint = [](std::string_view text, std::initializer_list<std::string_view> words) {
        refuse("{ claim = \"c\", in = \"a\" }", text, words);
    };
    constraint("{ claim = 'c' }", {"line 11", "found 0 tests"});
    constraint("{ claim = 'c', equal = 1, in = 'a' }", {"line 11", "found 2 tests"});
    constraint("{ claim = 'c', equals = 1 }", {"line 11", "equals", "unknown key"});
    constraint("{ equal = 1 }", {"line 11", "no key 'claim'"});
    constraint("{ claim = 'c', equal = [1] }", {"line 11", "found an array"});
    constraint("{ claim = 'c', equal = 1.5 }", {"line 11", "fraction"});
    constraint("{ claim = 'c', one_of = [] }", {"line 11", "empty"});
    constraint("{ claim = 'c', at_least = -1 }", {"line 11", "found -1"});
    constraint("{ claim = 'c', bits_set = 'ABCD' }", {"line 11", "lower-case"});
    constraint("{ claim = 'c', bits_set = '' }", {"line 11", "hexadecimal"});
    constraint("{ claim = 'c', bits_set = true }", {"line 11", "found a boolean"});
    constraint("{ claim = 'c', in = 'a', or = ['one'] }", {"line 11", "zero", "given"});
    constraint("{ claim = 'c', at_least = 1, or = ['zero'] }", {"line 11", "'or'"});
    constraint("{ claim = 'c', in = 'a', together = true }", {"line 11", "together"});
    constraint("{ in = { c = 'a', d = 'b' } }", {"line 11", "together = true"});
    constraint("{ in = { c = 'a' }, together = true }", {"line 11", "two at least"});
    constraint("{ claim = 'c', in = { c = 'a', d = 'b' }, together = true }", {"line 11", "'claim'"});
}

}  // namespace
}  // namespace hallmark::appraisal
