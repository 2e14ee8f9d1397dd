// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "boot/run/journal.hpp"
#include "boot/run/request.hpp"

namespace hallmark::boot {

/// Boots an image with the firmware for TDX and a TPM in the place of the TDX module, and compares what was measured
/// with the prediction. An attack that is mounted shows in the outcome as any other difference would. Errors are only
/// what is wrong with the request or the host.
Result<Outcome> boot_simulated_tdx(const Request& request, Journal& journal);

}  // namespace hallmark::boot
