// SPDX-License-Identifier: Apache-2.0
#include "relying-party/appraisal/release_policy.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "common/formats/init_data_digest.hpp"
#include "common/hex.hpp"
#include "common/toml.hpp"

namespace hallmark::appraisal {
namespace {

constexpr std::size_t kLargestPolicy = std::size_t{64} * 1024;
constexpr std::size_t kMostRules = 512;
constexpr std::int64_t kVersion = 1;
constexpr std::size_t kSegments = 3;
constexpr std::array<std::size_t, 3> kDigestSizes{32, 48, 64};

bool is_segment(std::string_view text) {
    const auto letter = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
    };
    if (text == "*") return true;
    return !text.empty() && letter(text[0]) && std::ranges::all_of(text, [&](char c) { return letter(c) || c == '.'; });
}

Result<std::vector<std::string>> read_path(const Toml& toml) {
    HALLMARK_TRY(const std::string text, toml.text());
    std::vector<std::string> segments;
    for (std::size_t begin = 0; begin <= text.size() && segments.size() <= kSegments;) {
        const auto end = std::min(text.find('/', begin), text.size());
        segments.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    if (segments.size() != kSegments || !std::ranges::all_of(segments, is_segment))
        return bad_input(toml.where() +
                         ": expected REPOSITORY/TYPE/TAG, each a name (letters, digits, '_', '-' and, but not first, "
                         "'.') or '*' for any one");
    return segments;
}

Result<Tier> read_verdict(const Toml& toml) {
    HALLMARK_TRY(const std::string text, toml.text());
    for (const auto tier : {Tier::kAffirming, Tier::kWarning})
        if (text == name_of(tier)) return tier;
    return bad_input(
        toml.where() +
        ": expected \"affirming\", or \"warning\" for affirming and warning; nothing is released for less");
}

Result<InitDataRule> read_init_data(const Toml& toml) {
    HALLMARK_TRY(const auto* elements, toml.array());
    InitDataRule rule;
    for (const Toml& element : *elements) {
        HALLMARK_TRY(const std::string text, element.text());
        if (text == "none") {
            rule.none = true;
            continue;
        }
        auto digest = from_hex(text);
        if (!digest || std::ranges::find(kDigestSizes, digest->size()) == kDigestSizes.end())
            return bad_input(element.where() +
                             ": expected the digest of init-data, 64, 96 or 128 hexadecimal digits, or \"none\"");
        rule.digests.push_back(std::move(*digest));
    }
    if (!rule.none && rule.digests.empty()) return bad_input(toml.where() + ": empty, expected one digest at least");
    return rule;
}

Result<std::vector<verifier::Tee>> read_tees(const Toml& toml) {
    HALLMARK_TRY(const auto* elements, toml.array());
    std::vector<verifier::Tee> tees;
    for (const Toml& element : *elements) {
        HALLMARK_TRY(const std::string text, element.text());
        const bool snp = text == verifier::name_of(verifier::Tee::kSnp);
        if (!snp && text != verifier::name_of(verifier::Tee::kTdx))
            return bad_input(element.where() + ": expected \"snp\" or \"tdx\"");
        tees.push_back(snp ? verifier::Tee::kSnp : verifier::Tee::kTdx);
    }
    if (tees.empty()) return bad_input(toml.where() + ": empty, expected \"snp\", \"tdx\" or both");
    return tees;
}

Result<ReleaseRule> read_rule(const Toml& toml) {
    HALLMARK_CHECK(
        toml.only({"name", "path", "verdict", "tee", "claims", "init_data", "init_data_claims", "simulated"}));
    ReleaseRule rule;
    rule.line = toml.line();
    HALLMARK_TRY(const Toml* name, toml.at("name"));
    HALLMARK_TRY(rule.name, name->name());
    HALLMARK_TRY(const Toml* path, toml.at("path"));
    HALLMARK_TRY(rule.path, read_path(*path));
    if (const Toml* verdict = toml.find("verdict")) {
        HALLMARK_TRY(rule.verdict, read_verdict(*verdict));
    }
    if (const Toml* tees = toml.find("tee")) {
        HALLMARK_TRY(rule.tees, read_tees(*tees));
    }
    if (const Toml* claims = toml.find("claims")) {
        HALLMARK_TRY(rule.claims, read_constraints(*claims, References::kNone));
    }
    if (const Toml* init_data = toml.find("init_data")) {
        rule.asks_init_data = true;
        HALLMARK_TRY(rule.init_data, read_init_data(*init_data));
    }
    if (const Toml* claims = toml.find("init_data_claims")) {
        HALLMARK_TRY(rule.init_data_claims, read_constraints(*claims, References::kNone));
    }
    if (const Toml* simulated = toml.find("simulated")) {
        HALLMARK_TRY(rule.simulated, simulated->boolean());
    }
    return rule;
}

bool covers(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
    return std::ranges::equal(
        pattern, path, [](const std::string& one, const std::string& other) { return one == "*" || one == other; });
}

std::string title(const ReleaseRule& rule) { return "rule '" + rule.name + "' of line " + std::to_string(rule.line); }

/// Why these claims are not what a rule asks; nothing where they are.
std::optional<std::string> refuse_claims(const std::vector<Constraint>& constraints, const Json& claims,
                                         std::string_view kind) {
    for (const auto& constraint : constraints) {
        const Json* seen = find_claim(claims, constraint.claim);
        if (seen != nullptr && holds(constraint, *seen)) continue;
        return std::string(kind) + " " + constraint.claim + ": found " + shown(seen) +
               ", allowed: " + allowed_text(constraint);
    }
    return std::nullopt;
}

bool allows(const InitDataRule& rule, verifier::Tee tee, const Json& field) {
    if (rule.none && is_zero(field)) return true;
    return std::ranges::any_of(rule.digests, [&](const Bytes& digest) {
        const bool snp = tee == verifier::Tee::kSnp;
        return field == Json(snp ? to_hex(init_data::host_data(digest)) : to_hex(init_data::mr_config_id(digest)));
    });
}

std::optional<std::string> refuse_init_data(const ReleaseRule& rule, const ReleaseRequest& request) {
    if (rule.asks_init_data) {
        const Json* field = find_claim(request.claims, "init_data");
        if (field == nullptr || !allows(rule.init_data, request.tee, *field))
            return "init-data: found " + shown(field) + ", which the rule does not name";
    }
    if (rule.init_data_claims.empty()) return std::nullopt;
    if (request.init_data_claims == nullptr) return "the guest gave no init-data, and the rule asks for claims of it";
    return refuse_claims(rule.init_data_claims, *request.init_data_claims, "init-data claim");
}

std::optional<std::string> refuse(const ReleaseRule& rule, const ReleaseRequest& request) {
    const bool enough =
        request.verdict == Tier::kAffirming || (rule.verdict == Tier::kWarning && request.verdict == Tier::kWarning);
    if (!enough)
        return "verdict found " + std::string(name_of(request.verdict)) + ", expected " +
               std::string(name_of(rule.verdict)) + (rule.verdict == Tier::kWarning ? " or better" : "");
    if (request.simulated && !rule.simulated) return "the TEE is simulated, and the rule does not say simulated = true";
    if (!rule.tees.empty() && std::ranges::find(rule.tees, request.tee) == rule.tees.end())
        return "a TEE of kind " + std::string(verifier::name_of(request.tee)) + ", which the rule does not name";
    if (auto reason = refuse_claims(rule.claims, request.claims, "claim")) return reason;
    return refuse_init_data(rule, request);
}

}  // namespace

Result<ReleasePolicy> parse_release_policy(std::string_view text, const std::string& what) {
    HALLMARK_TRY(const Toml toml, Toml::parse(text, what, kLargestPolicy));
    HALLMARK_CHECK(toml.only({"version", "rule"}));
    HALLMARK_TRY(const Toml* version, toml.at("version"));
    HALLMARK_TRY(const std::int64_t number, version->integer());
    if (number != kVersion)
        return bad_input(version->where() + ": found " + std::to_string(number) + ", expected " +
                         std::to_string(kVersion));
    ReleasePolicy policy;
    const Toml* rules = toml.find("rule");
    if (rules == nullptr) return policy;
    HALLMARK_TRY(const auto* elements, rules->array());
    if (elements->size() > kMostRules)
        return bad_input(rules->where() + ": " + std::to_string(elements->size()) + " rules, expected at most " +
                         std::to_string(kMostRules));
    for (const Toml& element : *elements) {
        HALLMARK_TRY(ReleaseRule rule, read_rule(element));
        for (const auto& earlier : policy.rules)
            if (covers(earlier.path, rule.path))
                return bad_input(element.where() + ": " + title(earlier) +
                                 " takes every path of this one; put the narrower rule first");
        policy.rules.push_back(std::move(rule));
    }
    return policy;
}

Decision decide(const ReleasePolicy& policy, const ReleaseRequest& request) {
    static const ReleaseRule kDefaultRule;
    const std::vector<std::string> path{request.path.repository, request.path.type, request.path.tag};
    const auto found =
        std::ranges::find_if(policy.rules, [&](const ReleaseRule& rule) { return covers(rule.path, path); });
    const bool own = found != policy.rules.end();
    const auto reason = refuse(own ? *found : kDefaultRule, request);
    return {.granted = !reason, .rule = own ? title(*found) : "the default rule", .reason = reason.value_or("")};
}

}  // namespace hallmark::appraisal
