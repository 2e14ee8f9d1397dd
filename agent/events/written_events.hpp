// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "agent/evidence/runtime_events.hpp"

namespace hallmark::events {

/// The log of the agent that runs, as its file has it: for whoever shows it and adds nothing. An event that is added
/// meanwhile may be in a quote and not in what was read.
class WrittenEvents final : public guest::RuntimeEvents {
public:
    explicit WrittenEvents(std::string folder) : folder_(std::move(folder)) {}

    Result<guest::Extended> extend(const guest::RuntimeEvent&) override { return guest::Extended::kNotEnabled; }
    /// No entries where there is no log.
    Status with_entries(const std::function<Status(ByteSpan entries)>& take) override;

private:
    std::string folder_;
};

}  // namespace hallmark::events
