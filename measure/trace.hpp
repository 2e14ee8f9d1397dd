// SPDX-License-Identifier: Apache-2.0
// How a digest came about, step by step: what people compare when a value isn't the one that they expected.
#pragma once

#include <string>
#include <vector>

#include "common/json.hpp"

namespace hallmark {

/// One step of a calculation.
struct TraceStep {
    std::string what;    ///< what goes in: "firmware page at 0xffc00000", "RTMR1 event 2: kernel"
    std::string inputs;  ///< the parameters and digests of this step, as text
    std::string value;   ///< the running value after it, in hex
};

/// All steps, in their order. A calculation takes a pointer to one and, where it is null, spends nothing on it.
using Trace = std::vector<TraceStep>;

/// One line for each step: its number, what goes in, the inputs, the value. Columns are aligned, so that two traces
/// can be compared line by line.
std::string trace_text(const Trace& trace);

/// [{"step": 1, "what": …, "inputs": …, "value": …}, …]
Json trace_json(const Trace& trace);

}  // namespace hallmark
