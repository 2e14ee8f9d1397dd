// SPDX-License-Identifier: Apache-2.0
// The PCRs after predicted events.
// Source: TCG TPM 2.0 Library, part 3, section 22.2 (TPM2_PCR_Extend).
#pragma once

#include <cstdint>
#include <vector>

#include "common/formats/event_replay.hpp"
#include "common/result.hpp"
#include "measure/tpm/event.hpp"
#include "measure/trace.hpp"

namespace hallmark::tpm {

/// The values of the PCRs whose every event is predicted, in one bank; zeros where nothing is extended.
/// Each step is added to `trace` unless it is null. Only these PCRs; none named are all.
Result<event_log::Registers> registers(const Prediction& prediction, Algorithm bank, Trace* trace,
                                       const std::vector<std::uint32_t>& pcrs = {});

}  // namespace hallmark::tpm
