// SPDX-License-Identifier: Apache-2.0
#include "relying-party/appraisal/appraisal.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace hallmark::appraisal {
namespace {

constexpr std::size_t kNameColumn = 18;
constexpr std::size_t kNumberColumn = 5;

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(text.size() + 1, width), ' ');
    return text;
}

}  // namespace

Tier tier_of(int value) {
    if (value >= static_cast<int>(Tier::kContraindicated) && value <= 127) return Tier::kContraindicated;
    if (value >= static_cast<int>(Tier::kWarning) && value < static_cast<int>(Tier::kContraindicated))
        return Tier::kWarning;
    if (value >= static_cast<int>(Tier::kAffirming) && value < static_cast<int>(Tier::kWarning))
        return Tier::kAffirming;
    return Tier::kNone;
}

std::string_view name_of(Tier tier) {
    switch (tier) {
        case Tier::kAffirming:
            return "affirming";
        case Tier::kWarning:
            return "warning";
        case Tier::kContraindicated:
            return "contraindicated";
        case Tier::kNone:
            break;
    }
    return "none";
}

Json to_json(const Appraisal& appraisal) {
    Json vector = Json::object();
    Json failures = Json::array();
    for (const auto& [name, dimension] : appraisal.dimensions) {
        vector[name] = dimension.value;
        for (const auto& failure : dimension.failures)
            failures.push_back(
                {{"dimension", name}, {"claim", failure.claim}, {"seen", failure.seen}, {"allowed", failure.allowed}});
    }
    return {{"policy", appraisal.policy},
            {"status", name_of(appraisal.status)},
            {"trustworthiness_vector", std::move(vector)},
            {"failures", std::move(failures)}};
}

std::string to_text(const Appraisal& appraisal) {
    std::string text = padded("policy", kNameColumn) + appraisal.policy + "\n" + padded("status", kNameColumn) +
                       std::string(name_of(appraisal.status)) + "\n";
    for (const auto& [name, dimension] : appraisal.dimensions) {
        text += padded(name, kNameColumn) + padded(std::to_string(dimension.value), kNumberColumn) +
                std::string(name_of(tier_of(dimension.value))) + "\n";
        for (const auto& failure : dimension.failures)
            text += "  " + failure.claim + ": found " + failure.seen + "; allowed: " + failure.allowed + "\n";
    }
    return text;
}

std::string to_line(const Appraisal& appraisal) {
    std::vector<std::string> parts;
    std::vector<std::string> failures;
    for (const auto& [name, dimension] : appraisal.dimensions) {
        for (const auto& failure : dimension.failures) {
            if (failure.missing.empty())
                failures.push_back(name + ": " + failure.claim + " is " + failure.seen + ", allowed " +
                                   failure.allowed);
            else if (std::ranges::find(parts, failure.missing) == parts.end())
                parts.push_back(failure.missing);
        }
    }
    parts.insert(parts.end(), failures.begin(), failures.end());
    std::string line;
    for (const auto& part : parts) line += (line.empty() ? "" : "; ") + part;
    return line.empty() ? "every constraint holds" : line;
}

}  // namespace hallmark::appraisal
