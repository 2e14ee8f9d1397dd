// SPDX-License-Identifier: Apache-2.0
// What init-data tells a guest to do: to ask for secrets, and to run a pod.
#pragma once

#include "boot/run/exchange.hpp"
#include "boot/run/journal.hpp"
#include "boot/run/request.hpp"

namespace hallmark::boot {

/// Has the guest tell what came of the secrets that its init-data names, where it was given one, and waits for the pod
/// where the request says so.
Status await_work(const Request& request, Exchange& exchange, Outcome& outcome, Journal& journal);

/// Puts that into the verdict. A secret that was refused or a container that failed is a boot that failed: init-data
/// asked for it. These come first in the reason.
void conclude(Outcome& outcome);

}  // namespace hallmark::boot
