// SPDX-License-Identifier: Apache-2.0
#include "relying-party/appraisal/appraise.hpp"

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"
#include "tests/unit/relying-party/appraisal/known_values.hpp"

namespace hallmark::appraisal {
namespace {

using test::KnownValues;
using verifier::Tee;

constexpr std::time_t kNow = 1'790'000'000;

/// A policy of one constraint that matters.
Policy asking(const std::string& constraint) {
    const std::string text = R"(
version = 1
name = "test"
[values.image]
names = ["a", "b", "svn"]
load = "load-image"
[snp.executables]
otherwise = 33
grade = [{ value = 3, require = [)" +
                             constraint + R"(] }]
[snp.hardware]
otherwise = 97
grade = [{ value = 2, require = [{ claim = "ok", equal = true }] }]
[snp.configuration]
otherwise = 36
grade = [{ value = 2, require = [{ claim = "ok", equal = true }] }]
)";
    auto policy = parse_policy(text, "test.toml");
    if (!policy) ADD_FAILURE() << policy.error().message;
    return policy.value_or(Policy{});
}

/// The failures of that constraint, as text; "" where it holds.
std::string ask(const std::string& constraint, Json claims, const KnownValues& values = KnownValues(),
                const std::string& given = {}) {
    claims["ok"] = true;
    const auto result =
        appraise(asking(constraint), {.tee = Tee::kSnp, .claims = claims, .given_init_data = given}, values, kNow);
    if (!result) return result.error().message;
    const auto& dimension = result->dimensions.at("executables");
    EXPECT_EQ(dimension.value, dimension.failures.empty() ? 3 : 33);
    std::string text;
    for (const auto& failure : dimension.failures)
        text += (text.empty() ? "" : "; ") + failure.claim + " " + failure.seen + " | " + failure.allowed;
    return text;
}

TEST(Appraise, Equal) {
    EXPECT_EQ(ask("{ claim = 'c', equal = false }", {{"c", false}}), "");
    EXPECT_EQ(ask("{ claim = 'c', equal = false }", {{"c", true}}), "snp.c true | false");
    EXPECT_EQ(ask("{ claim = 'c', equal = false }", {{"c", 0}}), "snp.c 0 | false");
    EXPECT_EQ(ask("{ claim = 'c', equal = 1 }", {{"c", 1U}}), "");
    EXPECT_EQ(ask("{ claim = 'c', equal = 1 }", {{"c", 1.0}}), "snp.c 1.0 | 1");
    EXPECT_EQ(ask("{ claim = 'c', equal = -1 }", {{"c", 0xffffffffffffffffU}}), "snp.c 18446744073709551615 | -1");
    EXPECT_EQ(ask("{ claim = 'c', equal = 'x' }", {{"d", "x"}}), "snp.c missing | \"x\"");
    EXPECT_EQ(ask("{ claim = 'c', one_of = ['x', 'y'] }", {{"c", "y"}}), "");
    EXPECT_EQ(ask("{ claim = 'c', one_of = ['w', 'x', 'y', 'z'] }", {{"c", "v\n"}}),
              "snp.c \"v\\n\" | one of \"w\", \"x\", \"y\" and 1 more");
}

TEST(Appraise, ClaimsThatLieDeeper) {
    const Json claims = {{"a", {{"b/c", {1, 2}}}}, {"a/b", 3}};
    EXPECT_EQ(ask("{ claim = '/a/b~1c/1', equal = 2 }", claims), "");
    EXPECT_EQ(ask("{ claim = 'a/b', equal = 3 }", claims), "");
    for (const char* pointer : {"/a/b~1c/2", "/a/b~1c/01", "/a/b~1c/", "/a/b~2c", "/a/b~", "/", "/a/x/y", "/a/b/c"})
        EXPECT_EQ(ask("{ claim = '" + std::string(pointer) + "', equal = 2 }", claims),
                  "snp." + std::string(pointer) + " missing | 2");
}

TEST(Appraise, AtLeastAndBits) {
    EXPECT_EQ(ask("{ claim = 'c', at_least = 22 }", {{"c", 22}}), "");
    EXPECT_EQ(ask("{ claim = 'c', at_least = 22 }", {{"c", 0xffffffffffffffffU}}), "");
    EXPECT_EQ(ask("{ claim = 'c', at_least = 22 }", {{"c", 21}}), "snp.c 21 | at least 22");
    EXPECT_EQ(ask("{ claim = 'c', at_least = 0 }", {{"c", -1}}), "snp.c -1 | at least 0");
    EXPECT_EQ(ask("{ claim = 'c', at_least = 22 }", {{"c", "23"}}), "snp.c \"23\" | at least 22");
    EXPECT_EQ(ask("{ claim = 'c', bits_set = 0x5 }", {{"c", 0xd}}), "");
    EXPECT_EQ(ask("{ claim = 'c', bits_set = 0x5 }", {{"c", 0x9}}), "snp.c 9 | all bits set of 5");
    EXPECT_EQ(ask("{ claim = 'c', bits_clear = 0x5 }", {{"c", 0xa}}), "");
    EXPECT_EQ(ask("{ claim = 'c', bits_clear = 0x5 }", {{"c", 0x4}}), "snp.c 4 | all bits clear of 5");
    EXPECT_EQ(ask("{ claim = 'c', bits_clear = '0100' }", {{"c", "fe01"}}), "");
    EXPECT_EQ(ask("{ claim = 'c', bits_clear = '0100' }", {{"c", "01"}}), "snp.c \"01\" | all bits clear of \"0100\"");
    EXPECT_EQ(ask("{ claim = 'c', bits_clear = '0100' }", {{"c", 2}}), "snp.c 2 | all bits clear of \"0100\"");
    EXPECT_EQ(ask("{ claim = 'c', bits_set = '8001' }", {{"c", "8101"}}), "");
    EXPECT_EQ(ask("{ claim = 'c', bits_set = '8001' }", {{"c", "0101"}}), "snp.c \"0101\" | all bits set of \"8001\"");
}

TEST(Appraise, ReferenceValues) {
    const KnownValues values({{"a", "x"}, {"a", "y"}, {"b", 7, "build", kNow}, {"svn", 5}, {"svn", 9}});
    EXPECT_EQ(ask("{ claim = 'c', in = 'a' }", {{"c", "y"}}, values), "");
    EXPECT_EQ(ask("{ claim = 'c', in = 'a' }", {{"c", "z"}}, values),
              "snp.c \"z\" | one of 2 values of a: \"x\", \"y\"");
    EXPECT_EQ(ask("{ claim = 'c', in = 'b' }", {{"c", 7}}, values),
              "snp.c 7 | no reference values for b: 1 in the image's set, all expired; load it with: load-image");
    EXPECT_EQ(ask("{ claim = 'c', in = 'a' }", {{"c", "z"}}),
              "snp.c \"z\" | no reference values for a: the image's set is not loaded; load it with: load-image");
    // The lowest that is allowed is the bound.
    EXPECT_EQ(ask("{ claim = 'c', at_least = 'svn' }", {{"c", 5}}, values), "");
    EXPECT_EQ(ask("{ claim = 'c', at_least = 'svn' }", {{"c", 4}}, values),
              "snp.c 4 | at least one of 2 values of svn: 5, 9");
    EXPECT_EQ(ask("{ claim = 'c', in = 'a', or = ['zero'] }", {{"c", "000"}}, values), "");
    EXPECT_EQ(ask("{ claim = 'c', in = 'a', or = ['zero'] }", {{"c", "010"}}, values),
              "snp.c \"010\" | one of 2 values of a: \"x\", \"y\", or all zeros");
    EXPECT_EQ(ask("{ claim = 'c', in = 'a', or = ['given'] }", {{"c", "12"}}, values, "12"), "");
    EXPECT_NE(ask("{ claim = 'c', in = 'a', or = ['given'] }", {{"c", "12"}}, values, "13"), "");
    EXPECT_NE(ask("{ claim = 'c', in = 'a', or = ['given'] }", {{"c", ""}}, values, ""), "");
}

TEST(Appraise, ValuesOfOneBuildTogether) {
    const std::string together = "{ in = { p = 'a', q = 'b' }, together = true }";
    const KnownValues values(
        {{"a", 1, "one"}, {"b", 1, "one"}, {"a", 2, "two"}, {"b", 2, "two"}, {"a", 3, ""}, {"b", 3, ""}});
    EXPECT_EQ(ask(together, {{"p", 1}, {"q", 1}}, values), "");
    EXPECT_EQ(ask(together, {{"p", 2}, {"q", 2}}, values), "");
    // Each is known, but of another build.
    EXPECT_EQ(ask(together, {{"p", 1}, {"q", 2}}, values),
              "snp.p, q 1, 2 | values that stand in one set together; each of these stands in another");
    EXPECT_NE(ask(together, {{"p", 3}, {"q", 3}}, values), "") << "values of no set belong to nothing";
    EXPECT_EQ(ask(together, {{"p", 1}}, values), "snp.q missing | one of 3 values of b: 1, 2, 3");
}

TEST(Appraise, AStoreThatFailsIsNoVerdict) {
    KnownValues values;
    values.broken = true;
    EXPECT_EQ(ask("{ claim = 'c', in = 'a' }", {{"c", 1}}, values), "store: disk is gone");
}

TEST(Appraise, ATeeOfWhichThePolicySaysNothing) {
    const Json claims = Json::object();
    test::expect_error(appraise(asking("{ claim = 'c', equal = 1 }"),
                                {.tee = Tee::kTdx, .claims = claims, .given_init_data = {}}, KnownValues(), kNow),
                       {"'test'", "nothing about tdx"}, Fault::kNo);
}

TEST(Appraise, LongValuesAreCut) {
    const std::string text = ask("{ claim = 'c', equal = 1 }", {{"c", std::string(5000, 'x')}});
    EXPECT_LT(text.size(), 300U);
    EXPECT_NE(text.find("5002 characters"), std::string::npos);
}

TEST(Appraisal, TiersAreThoseOfAr4si) {
    for (const auto& [value, name] : std::initializer_list<std::pair<int, std::string_view>>{{-1, "none"},
                                                                                             {0, "none"},
                                                                                             {1, "none"},
                                                                                             {2, "affirming"},
                                                                                             {31, "affirming"},
                                                                                             {32, "warning"},
                                                                                             {95, "warning"},
                                                                                             {96, "contraindicated"},
                                                                                             {127, "contraindicated"}})
        EXPECT_EQ(name_of(tier_of(value)), name) << value;
}

TEST(Appraisal, AsJsonAndAsText) {
    const Appraisal appraisal{.policy = "p",
                              .dimensions = {{"hardware", {.value = 97, .failures = {{"snp.c", "1", "2"}}}},
                                             {"executables", {.value = 3, .failures = {}}}},
                              .status = Tier::kContraindicated};
    EXPECT_EQ(to_json(appraisal).dump(),
              R"({"policy":"p","status":"contraindicated","trustworthiness_vector":{"executables":3,"hardware":97},)"
              R"("failures":[{"dimension":"hardware","claim":"snp.c","seen":"1","allowed":"2"}]})");
    EXPECT_EQ(to_text(appraisal),
              "policy            p\n"
              "status            contraindicated\n"
              "executables       3    affirming\n"
              "hardware          97   contraindicated\n"
              "  snp.c: found 1; allowed: 2\n");
}

}  // namespace
}  // namespace hallmark::appraisal
