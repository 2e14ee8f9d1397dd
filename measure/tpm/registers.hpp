// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/formats/event_replay.hpp"
#include "common/result.hpp"
#include "measure/tpm/event.hpp"
#include "measure/trace.hpp"

namespace hallmark::tpm {

/// The values of the PCRs whose every event is predicted, in one bank; zeros where nothing is extended.
/// Each step is added to `trace` unless it is null.
Result<event_log::Registers> registers(const Prediction& prediction, Algorithm bank, Trace* trace);

}  // namespace hallmark::tpm
