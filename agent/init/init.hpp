// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace hallmark::guest {

/// Process 1 of the guest: does not return there. Anywhere else it refuses, exit status 2. Takes no arguments: the
/// kernel hands init every word of its command line that it doesn't know itself.
int run_init();

}  // namespace hallmark::guest
