// SPDX-License-Identifier: Apache-2.0
// A prediction in the shapes that other tools read.
// Source: systemd 257, systemd-pcrlock(8) ("Components", TCG Canonical Event Log Format), systemd-measure(1) (--json=).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/json.hpp"
#include "common/result.hpp"
#include "measure/tpm/event.hpp"

namespace hallmark::tpm {

/// Which part of a prediction is asked for.
struct Selection {
    std::vector<std::uint32_t> pcrs;  ///< empty: all
    std::vector<Algorithm> banks = {Algorithm::kSha256, Algorithm::kSha384};

    [[nodiscard]] bool has(std::uint32_t pcr) const;
};

/// "4:sha256=…", a line for every value.
Result<std::string> as_lines(const Prediction& prediction, const Selection& selection);

/// Values, events, what was assumed and what isn't predicted, and the steps if asked for.
Result<Json> as_json(const Prediction& prediction, const Selection& selection, bool with_trace);

/// Every step of every value, as text.
Result<std::string> trace_as_lines(const Prediction& prediction, const Selection& selection);

/// A component of systemd-pcrlock: its events, whatever came before.
[[nodiscard]] Json as_pcrlock(const Prediction& prediction, const Selection& selection);

/// PCR 11 as systemd-measure prints it with --json=: a value for each path of boot phases
/// ("enter-initrd:leave-initrd"), or that before any phase for an empty one. The prediction itself has no phases.
Result<Json> as_systemd_measure(const Prediction& prediction, const Selection& selection,
                                const std::vector<std::string>& paths);

/// The words of a path of boot phases. An empty word is an error.
Result<std::vector<std::string>> split_phases(const std::string& path);

}  // namespace hallmark::tpm
