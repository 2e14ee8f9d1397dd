// SPDX-License-Identifier: Apache-2.0
#include "measure/explain/log_difference.hpp"

#include <algorithm>

#include "common/hex.hpp"
#include "measure/explain/command_line.hpp"
#include "measure/inspect/event_log.hpp"

namespace hallmark::explain {
namespace {

std::string_view word(Difference::Kind kind) {
    switch (kind) {
        case Difference::Kind::kOther:
            return "other";
        case Difference::Kind::kMissing:
            return "missing";
        case Difference::Kind::kMore:
            return "more";
    }
    return "?";
}

std::string shown_digest(const PredictedEvent& event) {
    return event.digest ? to_hex(*event.digest) : "not predicted, an event of another type";
}

}  // namespace

std::vector<LoggedEvent> logged_events(const event_log::EventLog& log, std::uint32_t register_index, std::size_t bank) {
    std::vector<LoggedEvent> events;
    for (const auto& event : log.events) {
        if (event.register_index != register_index || event.type == event_log::EventType::kNoAction) continue;
        const auto digest = event.digests.at(bank);
        events.push_back({event.offset, event.type, {digest.begin(), digest.end()}, inspect::in_words(event)});
    }
    return events;
}

bool is_predicted(const PredictedEvent& predicted, const LoggedEvent& logged) {
    return predicted.digest ? equal(*predicted.digest, logged.digest) : predicted.type == logged.type;
}

std::optional<Difference> first_difference(std::span<const PredictedEvent> predicted,
                                           std::span<const LoggedEvent> logged) {
    std::size_t at = 0;
    while (at < predicted.size() && at < logged.size() && is_predicted(predicted[at], logged[at])) ++at;
    if (at == predicted.size() && at == logged.size()) return std::nullopt;
    Difference difference{.position = at, .predicted = std::nullopt, .logged = std::nullopt};
    if (at < predicted.size()) difference.predicted = predicted[at];
    if (at < logged.size()) difference.logged = logged[at];
    // Where the other side goes on as this one does, an event was left out or came between.
    const bool missing = at == logged.size() || (at + 1 < predicted.size() && predicted[at + 1].digest &&
                                                 is_predicted(predicted[at + 1], logged[at]));
    const bool more = at == predicted.size() ||
                      (at + 1 < logged.size() && predicted[at].digest && is_predicted(predicted[at], logged[at + 1]));
    if (missing) difference.kind = Difference::Kind::kMissing;
    if (more) difference.kind = Difference::Kind::kMore;
    return difference;
}

std::string in_words(const Difference& difference) {
    const auto& [kind, position, predicted, logged] = difference;
    std::string text = "event " + std::to_string(position + 1);
    if (kind == Difference::Kind::kMissing && predicted) {
        text += " is missing in the log: " + predicted->name + "\n";
    } else if (logged) {
        text += " differs, at offset " + hex_number(logged->offset) +
                " of the log: " + event_log::event_type_name(logged->type);
        text += logged->text.empty() ? "\n" : " " + in_quotes(logged->text) + "\n";
    }
    if (kind == Difference::Kind::kMore) return text + "  it is not among the events that are predicted\n";
    if (predicted) text += "  it covers " + predicted->covers + "\n  predicted " + shown_digest(*predicted) + "\n";
    if (logged && kind == Difference::Kind::kOther) text += "  logged    " + to_hex(logged->digest) + "\n";
    return text;
}

Json as_json(const Difference& difference) {
    Json json = {{"event", difference.position + 1}, {"kind", word(difference.kind)}};
    if (const auto& predicted = difference.predicted; predicted && difference.kind != Difference::Kind::kMore) {
        json["name"] = predicted->name;
        json["covers"] = predicted->covers;
        json["predicted"] = predicted->digest ? Json(to_hex(*predicted->digest)) : Json(nullptr);
    }
    if (const auto& logged = difference.logged; logged && difference.kind != Difference::Kind::kMissing) {
        json["offset"] = hex_number(logged->offset);
        json["type"] = event_log::event_type_name(logged->type);
        if (!logged->text.empty()) json["text"] = logged->text;
        json["logged"] = to_hex(logged->digest);
    }
    return json;
}

}  // namespace hallmark::explain
