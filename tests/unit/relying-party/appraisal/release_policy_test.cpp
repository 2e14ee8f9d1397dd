// SPDX-License-Identifier: Apache-2.0
#include "relying-party/appraisal/release_policy.hpp"

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"

namespace hallmark::appraisal {
namespace {

using verifier::Tee;

/// A real TEE with an affirming verdict that asks for a/b/c, where a test says nothing else.
struct Asking {
    keys::ResourcePath path{"a", "b", "c"};
    Tee tee = Tee::kSnp;
    bool simulated = false;
    Tier verdict = Tier::kAffirming;
    Json claims = {{"init_data", std::string(64, '0')}, {"svn", 3}};
    Json init_data_claims = nullptr;
};

Decision ask(const std::string& policy, const Asking& asking) {
    const auto parsed = parse_release_policy("version = 1\n" + policy, "r.toml");
    if (!parsed) ADD_FAILURE() << parsed.error().message;
    return decide(parsed.value_or(ReleasePolicy{}),
                  {.path = asking.path,
                   .tee = asking.tee,
                   .simulated = asking.simulated,
                   .verdict = asking.verdict,
                   .claims = asking.claims,
                   .init_data_claims = asking.init_data_claims.is_null() ? nullptr : &asking.init_data_claims});
}

void granted(const Decision& decision, const std::string& rule) {
    EXPECT_TRUE(decision.granted) << decision.reason;
    EXPECT_EQ(decision.rule, rule);
    EXPECT_EQ(decision.reason, "");
}

void refused(const Decision& decision, const std::string& rule, std::initializer_list<std::string_view> words) {
    EXPECT_FALSE(decision.granted);
    EXPECT_EQ(decision.rule, rule);
    for (const auto word : words) EXPECT_NE(decision.reason.find(word), std::string::npos) << decision.reason;
}

TEST(ReleasePolicy, WithoutAFileOnlyAnAffirmingVerdictReleases) {
    const auto decision = [](const Asking& asking) {
        return decide({}, {.path = asking.path,
                           .tee = asking.tee,
                           .simulated = asking.simulated,
                           .verdict = asking.verdict,
                           .claims = asking.claims,
                           .init_data_claims = nullptr});
    };
    granted(decision({}), "the default rule");
    for (const auto tier : {Tier::kNone, Tier::kWarning, Tier::kContraindicated})
        refused(decision({.verdict = tier}), "the default rule", {name_of(tier), "expected affirming"});
    refused(decision({.simulated = true}), "the default rule", {"simulated"});
}

constexpr const char* kRules = R"(
[[rule]]
name = "exact"
path = "a/b/c"
verdict = "warning"
[[rule]]
name = "wide"
path = "a/*/c"
simulated = true
)";

TEST(ReleasePolicy, TheFirstRuleThatMatchesDecides) {
    granted(ask(kRules, {}), "rule 'exact' of line 3");
    granted(ask(kRules, {.verdict = Tier::kWarning}), "rule 'exact' of line 3");
    refused(ask(kRules, {.verdict = Tier::kNone}), "rule 'exact' of line 3", {"none", "warning or better"});
    refused(ask(kRules, {.verdict = Tier::kContraindicated}), "rule 'exact' of line 3", {"contraindicated"});
    refused(ask(kRules, {.simulated = true}), "rule 'exact' of line 3", {"simulated"});
    granted(ask(kRules, {.path = {"a", "x", "c"}, .simulated = true}), "rule 'wide' of line 7");
    refused(ask(kRules, {.path = {"a", "x", "c"}, .verdict = Tier::kWarning}), "rule 'wide' of line 7", {"warning"});
    granted(ask(kRules, {.path = {"a", "x", "d"}}), "the default rule");
    refused(ask(kRules, {.path = {"a", "x", "d"}, .simulated = true}), "the default rule", {"simulated"});
}

TEST(ReleasePolicy, ClaimsAndKindsOfTee) {
    const std::string rule =
        "[[rule]]\nname = 'r'\npath = '*/*/*'\ntee = ['snp']\n"
        "claims = [{ claim = 'svn', at_least = 3 }]\n";
    granted(ask(rule, {}), "rule 'r' of line 2");
    refused(ask(rule, {.claims = {{"svn", 2}}}), "rule 'r' of line 2", {"claim svn: found 2", "at least 3"});
    refused(ask(rule, {.claims = Json::object()}), "rule 'r' of line 2", {"claim svn: found missing"});
    refused(ask(rule, {.tee = Tee::kTdx}), "rule 'r' of line 2", {"kind tdx"});
}

TEST(ReleasePolicy, InitDataByItsDigest) {
    // 48 bytes: HOSTDATA begins the digest, MRCONFIGID is it.
    const std::string digest(96, '7');
    const std::string rule = "[[rule]]\nname = 'r'\npath = '*/*/*'\ninit_data = ['" + digest + "']\n";
    granted(ask(rule, {.claims = {{"init_data", digest.substr(0, 64)}}}), "rule 'r' of line 2");
    granted(ask(rule, {.tee = Tee::kTdx, .claims = {{"init_data", digest}}}), "rule 'r' of line 2");
    refused(ask(rule, {.tee = Tee::kTdx, .claims = {{"init_data", digest.substr(0, 64) + std::string(32, '0')}}}),
            "rule 'r' of line 2", {"init-data", "does not name"});
    refused(ask(rule, {}), "rule 'r' of line 2", {"init-data"});
    refused(ask(rule, {.claims = Json::object()}), "rule 'r' of line 2", {"missing"});
    const std::string none = "[[rule]]\nname = 'r'\npath = '*/*/*'\ninit_data = ['none']\n";
    granted(ask(none, {}), "rule 'r' of line 2");
    refused(ask(none, {.claims = {{"init_data", digest.substr(0, 64)}}}), "rule 'r' of line 2", {"init-data"});
}

TEST(ReleasePolicy, ClaimsOfInitData) {
    const std::string rule =
        "[[rule]]\nname = 'r'\npath = '*/*/*'\n"
        "init_data_claims = [{ claim = '/aa.toml/kbs/url', equal = 'http://x' }]\n";
    const Json right = {{"aa.toml", {{"kbs", {{"url", "http://x"}}}}}};
    granted(ask(rule, {.init_data_claims = right}), "rule 'r' of line 2");
    refused(ask(rule, {.init_data_claims = {{"aa.toml", {{"kbs", {{"url", "http://y"}}}}}}}), "rule 'r' of line 2",
            {"/aa.toml/kbs/url", "http://y", "http://x"});
    refused(ask(rule, {}), "rule 'r' of line 2", {"gave no init-data"});
}

TEST(ReleasePolicy, WrongPoliciesAreRefused) {
    const auto refuse = [](const std::string& text, std::initializer_list<std::string_view> words) {
        test::expect_error(parse_release_policy(text, "r.toml"), words);
    };
    const std::string begin = "version = 1\n[[rule]]\nname = 'r'\n";
    refuse("", {"r.toml", "version"});
    refuse("version = 2", {"line 1", "found 2"});
    refuse("version = 1\nrules = []", {"line 2: rules", "unknown key"});
    refuse(begin, {"line 2: rule[0]", "no key 'path'"});
    for (const char* path : {"", "a/b", "a/b/c/d", "a//c", "a/../c", "a/b*/c", "/a/b/c", "a/b/c/", "a/ /c", "a/**/c"})
        refuse(begin + "path = '" + path + "'", {"line 4", "REPOSITORY/TYPE/TAG"});
    refuse(begin + "path = 'a/b/c'\nverdict = 'none'", {"line 5", "affirming"});
    refuse(begin + "path = 'a/b/c'\nverdict = 'contraindicated'", {"line 5", "affirming"});
    refuse(begin + "path = 'a/b/c'\nsimulated = 1", {"line 5", "a boolean"});
    refuse(begin + "path = 'a/b/c'\ntee = ['sgx']", {"line 5", "snp"});
    refuse(begin + "path = 'a/b/c'\ninit_data = []", {"line 5", "empty"});
    refuse(begin + "path = 'a/b/c'\ninit_data = ['abcd']", {"line 5", "digest"});
    refuse(begin + "path = 'a/b/c'\nclaims = [{ claim = 'c', in = 'x' }]", {"line 5", "appraisal policies"});
    refuse(begin + "path = 'a/b/c'\nclaims = [{ claim = 'c', at_least = 'x' }]", {"line 5", "appraisal policies"});
    refuse(begin + "path = 'a/b/c'\nclaims = [{ in = { c = 'x', d = 'y' }, together = true }]", {"appraisal policies"});
    // A rule that could never be reached.
    refuse(begin + "path = 'a/*/c'\n[[rule]]\nname = 's'\npath = 'a/b/c'",
           {"line 5", "rule 'r' of line 2", "narrower"});
    refuse(begin + "path = 'a/*/c'\n[[rule]]\nname = 's'\npath = 'a/*/c'", {"line 5", "rule 'r' of line 2"});
}

}  // namespace
}  // namespace hallmark::appraisal
