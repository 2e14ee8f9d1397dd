// SPDX-License-Identifier: Apache-2.0
// The numbers are those of Trustee's ear_default_policy_cpu.rego.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "common/file.hpp"
#include "relying-party/appraisal/appraise.hpp"
#include "relying-party/appraisal/policy.hpp"
#include "relying-party/appraisal/release_policy.hpp"
#include "tests/support/vectors.hpp"
#include "tests/unit/relying-party/appraisal/known_values.hpp"

namespace hallmark::appraisal {
namespace {

using test::KnownValues;
using verifier::Tee;

constexpr std::time_t kNow = 1'790'000'000;

Policy policy() {
    auto parsed = parse_policy(default_policy_text(), "default");
    if (!parsed) ADD_FAILURE() << parsed.error().message;
    return parsed.value_or(Policy{});
}

Json snp_claims() {
    return {{"measurement", std::string(96, 'a')},
            {"vmpl", 0},
            {"reported_tcb_bootloader", 3},
            {"reported_tcb_tee", 0},
            {"reported_tcb_snp", 22},
            {"reported_tcb_microcode", 213},
            {"policy_debug_allowed", false},
            {"policy_migrate_ma", false},
            {"policy_abi_major", 0},
            {"policy_abi_minor", 31},
            {"policy_single_socket", false},
            {"policy_smt_allowed", true},
            {"platform_smt_enabled", true},
            {"platform_tsme_enabled", false},
            {"init_data", std::string(64, '0')}};
}

KnownValues image() {
    return KnownValues({{"snp_launch_measurement", std::string(96, 'b')},
                        {"snp_launch_measurement", std::string(96, 'a')},
                        {"snp_guest_abi_major", 0},
                        {"snp_guest_abi_minor", 31},
                        {"snp_single_socket", false},
                        {"snp_smt_allowed", true}});
}

KnownValues snp_values() {
    auto values = image();
    for (const auto& known : std::initializer_list<KnownValues::Known>{{"snp_bootloader", 3},
                                                                       {"snp_microcode", 212},
                                                                       {"snp_microcode", 213},
                                                                       {"snp_snp_svn", 22},
                                                                       {"snp_tee_svn", 0},
                                                                       {"snp_smt_enabled", true},
                                                                       {"snp_tsme_enabled", false}})
        values.add(known);
    return values;
}

/// "executables hardware configuration status"
std::string verdict(Tee tee, const Json& claims, const KnownValues& values) {
    const auto result = appraise(policy(), {.tee = tee, .claims = claims, .given_init_data = {}}, values, kNow);
    if (!result) return result.error().message;
    std::string text;
    for (const char* name : {"executables", "hardware", "configuration"})
        text += std::to_string(result->dimensions.at(name).value) + " ";
    return text + std::string(name_of(result->status));
}

std::string snp_with(const char* claim, const Json& value) {
    Json claims = snp_claims();
    claims[claim] = value;
    return verdict(Tee::kSnp, claims, snp_values());
}

TEST(DefaultPolicy, Snp) {
    EXPECT_EQ(verdict(Tee::kSnp, snp_claims(), snp_values()), "3 2 2 affirming");
    EXPECT_EQ(snp_with("measurement", std::string(96, 'c')), "33 2 2 warning");
    EXPECT_EQ(snp_with("measurement", std::string(96, 'A')), "33 2 2 warning");
    EXPECT_EQ(snp_with("vmpl", 1), "33 2 2 warning");
    for (const char* part : {"bootloader", "tee", "snp", "microcode"})
        EXPECT_EQ(snp_with((std::string("reported_tcb_") + part).c_str(), 99), "3 97 2 contraindicated") << part;
    for (const char* claim : {"platform_smt_enabled", "platform_tsme_enabled", "policy_single_socket",
                              "policy_smt_allowed", "policy_abi_major", "policy_abi_minor"})
        EXPECT_EQ(snp_with(claim, "another"), "3 2 3 affirming") << claim;
    for (const char* claim : {"policy_debug_allowed", "policy_migrate_ma"})
        EXPECT_EQ(snp_with(claim, true), "3 2 36 warning") << claim;
}

TEST(DefaultPolicy, EveryClaimThatIsMissingIsAFailure) {
    const Json all = snp_claims();
    for (const auto& [name, value] : all.items()) {
        Json claims = all;
        claims.erase(name);
        EXPECT_NE(verdict(Tee::kSnp, claims, snp_values()), "3 2 2 affirming") << name;
    }
    EXPECT_EQ(verdict(Tee::kSnp, Json::object(), snp_values()), "33 97 36 contraindicated");
    EXPECT_EQ(verdict(Tee::kSnp, snp_claims(), KnownValues()), "33 97 3 contraindicated");
}

TEST(DefaultPolicy, InitDataThatNobodyKnowsIsAFailure) {
    EXPECT_EQ(snp_with("init_data", std::string(64, '1')), "3 2 36 warning");
    EXPECT_EQ(snp_with("init_data", ""), "3 2 36 warning");
    auto values = snp_values();
    values.add({"snp_host_data", std::string(64, '1')});
    Json claims = snp_claims();
    claims["init_data"] = std::string(64, '1');
    EXPECT_EQ(verdict(Tee::kSnp, claims, values), "3 2 2 affirming");
    // That it came with the evidence does not make it the owner's.
    const auto result = appraise(
        policy(), {.tee = Tee::kSnp, .claims = claims, .given_init_data = std::string(64, '1')}, snp_values(), kNow);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->dimensions.at("configuration").value, 36);
}

TEST(DefaultPolicy, AMissingPlatformSetIsTheReason) {
    const Json claims = snp_claims();
    const auto result = appraise(policy(), {.tee = Tee::kSnp, .claims = claims, .given_init_data = {}}, image(), kNow);
    ASSERT_TRUE(result);
    const auto& hardware = result->dimensions.at("hardware");
    EXPECT_EQ(hardware.value, 97);
    ASSERT_EQ(hardware.failures.size(), 4U);
    EXPECT_EQ(hardware.failures[0].claim, "snp.reported_tcb_bootloader");
    EXPECT_EQ(hardware.failures[0].seen, "3");
    EXPECT_EQ(hardware.failures[0].allowed,
              "no reference values for snp_bootloader: the platform's set is not loaded; load it with: "
              "hallmark-kbs reference-values add platform-values.json");
    // The lower grade holds, and why it is not the better one stands there too.
    const auto& configuration = result->dimensions.at("configuration");
    EXPECT_EQ(configuration.value, 3);
    ASSERT_EQ(configuration.failures.size(), 2U);
    EXPECT_NE(configuration.failures[0].allowed.find("snp_smt_enabled: the platform's set is not loaded"),
              std::string::npos);
    // For a log: once, though six claims ask for it.
    EXPECT_EQ(to_line(*result),
              "the platform's set is not loaded; load it with: hallmark-kbs reference-values add platform-values.json");
    // Half of it, and all of it too late.
    auto values = image();
    values.add({"snp_snp_svn", 22});
    values.add({"snp_tee_svn", 0, "old", kNow});
    const auto half = appraise(policy(), {.tee = Tee::kSnp, .claims = claims, .given_init_data = {}}, values, kNow);
    ASSERT_TRUE(half);
    const auto& failures = half->dimensions.at("hardware").failures;
    ASSERT_EQ(failures.size(), 3U);
    EXPECT_NE(failures[0].allowed.find("the platform's set that is loaded has none"), std::string::npos);
    EXPECT_NE(failures[2].allowed.find("1 in the platform's set, all expired"), std::string::npos);
    const std::string line = to_line(*half);
    EXPECT_NE(line.find("the platform's set has expired"), std::string::npos) << line;
    EXPECT_NE(line.find("the platform's set that is loaded has no snp_bootloader"), std::string::npos) << line;
}

TEST(DefaultPolicy, WhereNothingIsLoadedTheLogStillNamesEachSet) {
    Json claims = snp_claims();
    claims["policy_debug_allowed"] = true;
    const auto result =
        appraise(policy(), {.tee = Tee::kSnp, .claims = claims, .given_init_data = {}}, KnownValues(), kNow);
    ASSERT_TRUE(result);
    const std::string line = to_line(*result);
    for (const std::string set : {"the image's set is not loaded", "the platform's set is not loaded"}) {
        EXPECT_NE(line.find(set), std::string::npos) << line;
        EXPECT_EQ(line.find(set), line.rfind(set)) << line;
    }
    EXPECT_NE(line.find("snp.policy_debug_allowed is true, allowed false"), std::string::npos) << line;
    // All of it is kept by an audit log.
    EXPECT_LT(line.size(), 768U);
}

/// The claims of a real quote, flat as the verifier makes them.
Json tdx_claims(const Json& vector) {
    Json claims = vector["quote"]["body"];
    const Json& header = vector["quote"]["header"];
    for (const auto& [name, value] : header.items()) claims[name] = value;
    for (const char* name : {"init_data", "quote", "td_attributes"}) claims[name] = vector[name];
    claims["tcb_status"] = "UpToDate";
    claims["collateral_expiration_status"] = "0";
    claims["tdvfkernel"] = std::string(96, 'e');
    claims["tdvfkernelparams"] = std::string(96, 'f');
    return claims;
}

TEST(DefaultPolicy, TdxOfARealQuote) {
    HALLMARK_VECTOR(path, "intel-tdx/quote_v4.claims.json");
    const auto vector = read_json(path, 1 << 20);
    ASSERT_TRUE(vector) << vector.error().message;
    Json claims = tdx_claims(*vector);
    KnownValues values;
    for (const char* name : {"rtmr_1", "rtmr_2", "mr_td", "xfam", "tdvfkernel", "tdvfkernelparams"})
        values.add({name, claims[name]});
    // It is a debuggable one.
    EXPECT_EQ(verdict(Tee::kTdx, claims, values), "3 2 36 warning");
    claims["td_attributes"]["debug"] = false;
    EXPECT_EQ(verdict(Tee::kTdx, claims, values), "3 2 36 warning");
    auto& attributes = claims["quote"]["body"]["td_attributes"];
    // Profiled, and migratable: bits 4 and 29 of Linux' arch/x86/include/asm/shared/tdx.h.
    for (const char* bad : {"1000001000000000", "0000003000000000"}) {
        attributes = bad;
        EXPECT_EQ(verdict(Tee::kTdx, claims, values), "3 2 36 warning") << bad;
    }
    attributes = "0000001000000000";  // SEPT_VE_DISABLE alone
    EXPECT_EQ(verdict(Tee::kTdx, claims, values), "3 2 2 affirming");
    const auto with = [&](const char* claim, const Json& value) {
        Json other = claims;
        other[claim] = value;
        return verdict(Tee::kTdx, other, values);
    };
    EXPECT_EQ(with("rtmr_1", "00"), "33 2 2 warning");
    EXPECT_EQ(with("rtmr_2", "00"), "33 2 2 warning");
    EXPECT_EQ(with("tdvfkernel", "00"), "4 2 2 affirming");
    EXPECT_EQ(with("tdvfkernelparams", Json()), "4 2 2 affirming");
    EXPECT_EQ(with("mr_td", "00"), "3 97 2 contraindicated");
    EXPECT_EQ(with("tee_type", "00000000"), "3 97 2 contraindicated");
    EXPECT_EQ(with("vendor_id", "00"), "3 97 2 contraindicated");
    EXPECT_EQ(with("tcb_status", "unknown"), "3 97 2 contraindicated");
    EXPECT_EQ(with("collateral_expiration_status", "1"), "3 97 2 contraindicated");
    EXPECT_EQ(with("xfam", "e742060000000001"), "3 2 36 warning");
    EXPECT_EQ(with("init_data", std::string(96, '1')), "3 2 36 warning");
}

/// The blocks of docs/policies.md.
std::vector<std::string> documented() {
    const char* source = std::getenv("HALLMARK_SOURCE");
    const auto text = read_file(std::filesystem::path(source != nullptr ? source : ".") / "docs/policies.md", 1 << 20);
    if (!text) ADD_FAILURE() << text.error().message;
    std::string rest = text ? std::string(text->begin(), text->end()) : std::string();
    std::vector<std::string> blocks;
    for (;;) {
        const auto begin = rest.find("```toml\n");
        if (begin == std::string::npos) return blocks;
        rest.erase(0, begin + 8);
        blocks.push_back(rest.substr(0, rest.find("```\n")));
        rest.erase(0, blocks.back().size() + 4);
    }
}

TEST(DefaultPolicy, StandsInItsDocumentation) {
    const auto blocks = documented();
    ASSERT_EQ(blocks.size(), 3U);
    EXPECT_EQ(blocks[0], default_policy_text());
    EXPECT_TRUE(parse_policy(blocks[1], "docs"));
    EXPECT_TRUE(parse_release_policy(blocks[2], "docs"));
}

}  // namespace
}  // namespace hallmark::appraisal
