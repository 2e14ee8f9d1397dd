// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "boot/run/journal.hpp"
#include "boot/run/request.hpp"
#include "common/json.hpp"

namespace hallmark::boot {

/// {"argv": […]}: the command line for real hardware, without the channels that exist only while it runs.
Result<Json> dry_run(const Request& request);

/// Boots an image on SNP or TDX hardware and appraises the guest's evidence as far as that can be done here. What was
/// not checked is said in the reason, and nothing is proven without it.
Result<Outcome> boot_hardware(Request request, Journal& journal);

}  // namespace hallmark::boot
