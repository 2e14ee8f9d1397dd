// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "boot/run/comparison.hpp"
#include "boot/simulated/tdx/registers.hpp"
#include "common/formats/tdx_quote.hpp"
#include "measure/tdx/prediction.hpp"

namespace hallmark::boot {

/// What was measured of a simulated trust domain.
struct Observed {
    Sha384 single_pass{};  ///< MRTD, by page order
    Sha384 two_pass{};
    std::optional<std::vector<Extension>> extensions;  ///< nothing where the guest did not get so far
    std::optional<std::vector<Extension>> runtime{};   ///< of RTMR3, by the guest's log; nothing where that is none
};

/// MRTD in both page orders, and where they were seen RTMR0 to RTMR3 with all of their events. RTMR3 is zero, or what
/// the guest logged: that is not predicted.
Comparison compare(const tdx::Prediction& predicted, const Observed& observed);

/// Adds what a quote says of MRTD, in the page order that its platform has, and of the RTMRs. A register of which the
/// quote says something else than was observed differs.
void add_quoted(Comparison& comparison, const tdx::QuoteBody& quoted);

}  // namespace hallmark::boot
