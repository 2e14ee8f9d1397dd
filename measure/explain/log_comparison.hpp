// SPDX-License-Identifier: Apache-2.0
// An event log against its prediction, register by register, with the changes of the request that make them agree.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/json.hpp"
#include "measure/explain/log_difference.hpp"
#include "measure/explain/search.hpp"

namespace hallmark::explain {

/// Whether the events of a register, in their order, are those that were seen.
using EventsFit = std::function<bool(const std::vector<PredictedEvent>&)>;

struct LoggedRegister {
    std::string name;
    std::vector<PredictedEvent> predicted;
    std::vector<LoggedEvent> logged;
    /// The neighbourhood of the request, of which those are looked for whose events of this register fit.
    std::function<std::unique_ptr<Space>(EventsFit)> space;
};

struct LogAnswer {
    bool equal = false;
    std::string text;
    Json json;  ///< {"equal": …, "first": name of the register that differs first, "registers": …}
};

LogAnswer compare(const std::vector<LoggedRegister>& registers);

}  // namespace hallmark::explain
