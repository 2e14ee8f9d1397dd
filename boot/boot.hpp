// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "boot/run/journal.hpp"
#include "boot/run/request.hpp"

namespace hallmark::boot {

/// Boots what the request names on the TEE that it names. An error: nothing can be said of the guest.
Result<Outcome> boot(const Request& request, Journal& journal);

}  // namespace hallmark::boot
