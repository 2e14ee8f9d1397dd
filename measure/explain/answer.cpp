// SPDX-License-Identifier: Apache-2.0
#include "measure/explain/answer.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "measure/explain/command_line.hpp"

namespace hallmark::explain {
namespace {

/// More than this nobody reads; all are in the JSON.
constexpr std::size_t kMostShown = 8;

/// Quoted where it would not be one plain word, or where its quotes are what matters.
std::string shown(const std::string& text) {
    constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./,=:+";
    return text.empty() || text.find_first_not_of(kPlain) != std::string::npos ? in_quotes(text) : text;
}

bool is_option(const Change& change) { return change.option.starts_with("--"); }

std::string in_words(const Change& change) {
    const auto& [text, note] = change.seen;
    const auto given = change.given && is_option(change) ? shown(*change.given) : change.given.value_or("none");
    std::string words = text ? change.option + " " + (is_option(change) ? shown(*text) : *text) : "no " + change.option;
    if (!note.empty()) words += " (" + note + ")";
    return text ? words + " instead of " + given : words;
}

std::string tried(const Space& space) {
    std::size_t width = 0;
    for (const auto& dimension : space.dimensions()) width = std::max(width, dimension.option.size());
    std::string text;
    for (const auto& dimension : space.dimensions()) {
        if (dimension.others.empty()) continue;
        text += "  " + dimension.option + std::string(width - dimension.option.size() + 2, ' ') +
                std::to_string(dimension.others.size()) + " other" + (dimension.others.size() == 1 ? "" : "s");
        if (const auto alone = dimension.others.size() - dimension.paired; alone != 0)
            text += dimension.paired == 0 ? ", alone only" : ", " + std::to_string(alone) + " of them alone only";
        text += "\n";
    }
    return text;
}

Json change_json(const Change& change) {
    const auto value = [](const std::optional<std::string>& text) { return text ? Json(*text) : Json(nullptr); };
    Json json = {{"option", change.option}, {"given", value(change.given)}, {"seen", value(change.seen.text)}};
    if (!change.seen.note.empty()) json["note"] = change.seen.note;
    return json;
}

}  // namespace

std::string in_words(const Explanation& explanation) {
    std::string text;
    for (const auto& change : explanation) text += (text.empty() ? "" : " and ") + in_words(change);
    return text;
}

std::string as_lines(std::string_view value, const Space& space, const Outcome& outcome) {
    const std::string name(value);
    if (outcome.equal) return name + " is that of the request\n";
    if (outcome.explanations.empty())
        return name + " is not explained by any of " + std::to_string(outcome.candidates) +
               " requests: changes, alone and in pairs, of\n" + tried(space);
    std::string text;
    const auto count = std::min(outcome.explanations.size(), kMostShown);
    for (std::size_t i = 0; i < count; ++i)
        text += (i == 0 ? name + " is that of " : "or of ") + in_words(outcome.explanations[i]) + "\n";
    if (count < outcome.explanations.size())
        text += "or of " + std::to_string(outcome.explanations.size() - count) + " others, which --json lists\n";
    return text;
}

Json as_json(const Space& space, const Outcome& outcome) {
    Json explanations = Json::array();
    for (const auto& explanation : outcome.explanations) {
        Json changes = Json::array();
        for (const auto& change : explanation) changes.push_back(change_json(change));
        explanations.push_back({{"changes", std::move(changes)}});
    }
    Json tried = Json::array();
    for (const auto& dimension : space.dimensions())
        if (!dimension.others.empty())
            tried.push_back(
                {{"option", dimension.option}, {"values", dimension.others.size()}, {"paired", dimension.paired}});
    return {{"equal", outcome.equal},
            {"explanations", std::move(explanations)},
            {"candidates", outcome.candidates},
            {"tried", std::move(tried)}};
}

}  // namespace hallmark::explain
