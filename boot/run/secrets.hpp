// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "boot/run/exchange.hpp"
#include "boot/run/journal.hpp"
#include "boot/run/request.hpp"

namespace hallmark::boot {

/// Has the guest tell what came of the secrets that its init-data names; does nothing where it was given none.
Status ask_for_secrets(const Request& request, Exchange& exchange, Outcome& outcome, Journal& journal);

/// Puts that into the verdict. A secret that was refused is a boot that failed: init-data asked for it. The refusal
/// comes first in the reason.
void conclude(Outcome& outcome);

}  // namespace hallmark::boot
