// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "boot/run/journal.hpp"
#include "boot/run/request.hpp"

namespace hallmark::boot {

/// Boots an image on the simulated SNP platform and proves what was launched. An attack that is mounted shows in the
/// outcome as any other difference would. Errors are only what is wrong with the request or the host.
Result<Outcome> boot_simulated(const Request& request, Journal& journal);

}  // namespace hallmark::boot
