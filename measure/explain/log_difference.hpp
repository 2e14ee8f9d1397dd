// SPDX-License-Identifier: Apache-2.0
// Where an event log leaves its prediction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/bytes.hpp"
#include "common/formats/event_log.hpp"
#include "common/json.hpp"

namespace hallmark::explain {

/// An event of one register as it was predicted, in one bank.
struct PredictedEvent {
    event_log::EventType type{};
    std::string name;
    std::string covers;           ///< what the digest is taken over
    std::optional<Bytes> digest;  ///< nothing where it isn't predicted
};

/// The same as it was logged.
struct LoggedEvent {
    std::size_t offset = 0;  ///< in the log
    event_log::EventType type{};
    Bytes digest;
    std::string text;  ///< what the event says of itself
};

/// The events of a register that were extended into it, in one bank.
std::vector<LoggedEvent> logged_events(const event_log::EventLog& log, std::uint32_t register_index, std::size_t bank);

/// Whether an event is the predicted one: its digest is, or where that isn't predicted its type.
bool is_predicted(const PredictedEvent& predicted, const LoggedEvent& logged);

/// The first event of a register that isn't as predicted.
struct Difference {
    enum class Kind {
        kOther,    ///< another digest
        kMissing,  ///< predicted, not logged
        kMore,     ///< logged, not predicted
    };
    Kind kind = Kind::kOther;
    std::size_t position = 0;  ///< in the register, from 0
    std::optional<PredictedEvent> predicted;
    std::optional<LoggedEvent> logged;
};
std::optional<Difference> first_difference(std::span<const PredictedEvent> predicted,
                                           std::span<const LoggedEvent> logged);

/// What differs, in lines for people; and as JSON.
std::string in_words(const Difference& difference);
Json as_json(const Difference& difference);

}  // namespace hallmark::explain
