// SPDX-License-Identifier: Apache-2.0
#include "relying-party/cli_verify_answer.hpp"

#include <algorithm>
#include <cstddef>

namespace hallmark::cli {
namespace {

constexpr std::size_t kLabelColumn = 18;
constexpr std::size_t kClaimColumn = 30;
constexpr std::size_t kIndent = 2;

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(text.size() + 1, width), ' ');
    return text;
}

/// A text stands for itself where a terminal shows it as it is, else as JSON in ASCII.
std::string shown(const Json& value) {
    constexpr int kOneLine = -1;
    if (value.is_string()) {
        const auto& text = value.get_ref<const std::string&>();
        if (std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; })) return text;
    }
    return value.dump(kOneLine, ' ', true, Json::error_handler_t::replace);
}

/// One line for each claim, those of an object below its name, and one for each object of a list.
void add_claims(const Json& claims, std::size_t indent, std::string& text) {
    for (const auto& [name, value] : claims.items()) {
        const std::string label = std::string(indent, ' ') + shown(name);
        const bool objects = value.is_array() && !value.empty() && value.front().is_object();
        if (value.is_object()) {
            text += label + "\n";
            add_claims(value, indent + kIndent, text);
        } else if (objects) {
            text += label + "\n";
            for (const auto& element : value) text += std::string(indent + kIndent, ' ') + shown(element) + "\n";
        } else {
            text += padded(label, kClaimColumn) + shown(value) + "\n";
        }
    }
}

std::string voucher(const verifier::Verified& verified) {
    const bool is_snp = verified.tee == verifier::Tee::kSnp;
    const std::string tee = is_snp ? "SEV-SNP" : "TDX";
    if (verified.simulated) return tee + ", signed under the simulated root that was named; no hardware vouches for it";
    return tee + ", signed under " + (is_snp ? "AMD's" : "Intel's") + " root";
}

int status_of(const Conclusion& conclusion) {
    return !conclusion.appraisal || conclusion.appraisal->status == appraisal::Tier::kAffirming ? 0 : 1;
}

}  // namespace

Answer json_answer(const Conclusion& conclusion) {
    const auto& verified = conclusion.verified;
    Json json = {{"verified", true},
                 {"tee", verifier::name_of(verified.tee)},
                 {"simulated", verified.simulated},
                 {"claims", verified.claims}};
    if (conclusion.init_data_claims) json["init_data_claims"] = *conclusion.init_data_claims;
    if (conclusion.appraisal) json["appraisal"] = appraisal::to_json(*conclusion.appraisal);
    return {to_text(json), status_of(conclusion)};
}

Answer json_refusal(const std::string& reason) {
    const Json json = {{"verified", false}, {"reason", reason}};
    return {to_text(json), 1};
}

Answer text_answer(const Conclusion& conclusion) {
    std::string text = padded("evidence", kLabelColumn) + voucher(conclusion.verified) + "\n";
    if (conclusion.report_data_compared) text += padded("report data", kLabelColumn) + "as expected\n";
    if (conclusion.init_data_claims) text += padded("init-data", kLabelColumn) + "what the guest was launched with\n";
    if (conclusion.appraisal) return {text + appraisal::to_text(*conclusion.appraisal), status_of(conclusion)};
    text += "claims\n";
    Json claims = conclusion.verified.claims;
    claims.erase("quote");  // all of it stands beside it under names of its own
    add_claims(claims, kIndent, text);
    return {text, 0};
}

}  // namespace hallmark::cli
