// SPDX-License-Identifier: Apache-2.0
// MRTD of an IGVM file.
// Source: microsoft/igvm, crate igvm_defs 0.4.0, revision 0f363b7 (what a loader adds to the guest, and when);
// measure/tdx/mrtd_register.hpp (how a page is measured).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/digest.hpp"
#include "common/result.hpp"
#include "measure/igvm/file.hpp"
#include "measure/igvm/reading.hpp"
#include "measure/trace.hpp"

namespace hallmark::igvm {

struct TdxMeasurement {
    Sha384 mrtd{};
    std::uint64_t pages = 0;  ///< added to the domain
    std::optional<std::uint64_t> policy;
    std::vector<OtherReading> others;
    std::vector<std::string> notes;
};

/// MRTD of everything that the file loads on TDX, in the file's order, each page measured right after it was added.
Result<TdxMeasurement> measure_tdx(const File& file, Unknown unknown, Trace* trace);

/// The same by a loader that adds all pages before it measures the first, as some do with other firmware.
Result<Sha384> measure_tdx_in_two_passes(const File& file, Unknown unknown);

}  // namespace hallmark::igvm
