// SPDX-License-Identifier: Apache-2.0
#include "measure/explain/log_comparison.hpp"

#include <cstddef>
#include <optional>
#include <utility>

#include "measure/explain/answer.hpp"

namespace hallmark::explain {
namespace {

struct Part {
    std::string text;
    Json json;
};

/// The change that makes all events of a register those of the log, or at least the one that differs.
Part explain(const LoggedRegister& of, const Difference& difference) {
    const auto whole = of.space([&](const auto& events) { return !first_difference(events, of.logged); });
    auto outcome = search(*whole);
    const bool all = !outcome.explanations.empty();
    if (!all) {
        const auto one = of.space([&](const auto& events) {
            return difference.kind == Difference::Kind::kOther && difference.logged &&
                   difference.position < events.size() && events[difference.position].digest &&
                   is_predicted(events[difference.position], *difference.logged);
        });
        outcome = search(*one);
    }
    Json json = as_json(*whole, outcome);
    json["explains"] = all ? "register" : "event";
    return {"  " + as_lines(all ? "the whole register" : "the event", *whole, outcome), std::move(json)};
}

}  // namespace

LogAnswer compare(const std::vector<LoggedRegister>& registers) {
    LogAnswer answer{true, "", {{"equal", true}, {"first", nullptr}, {"registers", Json::object()}}};
    std::optional<std::size_t> first;
    for (const auto& of : registers) {
        const auto difference = first_difference(of.predicted, of.logged);
        if (!difference) {
            answer.text += of.name + ": all " + std::to_string(of.logged.size()) + " events are as predicted\n";
            answer.json["registers"][of.name] = {{"equal", true}, {"events", of.logged.size()}};
            continue;
        }
        answer.equal = false;
        auto part = explain(of, *difference);
        answer.text += of.name + ": " + in_words(*difference) + part.text;
        part.json["difference"] = as_json(*difference);
        answer.json["registers"][of.name] = std::move(part.json);
        if (difference->logged && (!first || difference->logged->offset < *first)) {
            first = difference->logged->offset;
            answer.json["first"] = of.name;
        }
    }
    answer.json["equal"] = answer.equal;
    if (first) answer.text += "first in the log: the one of " + answer.json["first"].get<std::string>() + "\n";
    return answer;
}

}  // namespace hallmark::explain
