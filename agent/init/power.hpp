// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace hallmark::guest {

/// Makes every way in which this process can crash the end of the guest. A block of the root that fails dm-verity shows
/// as SIGBUS in whatever program touches it, and on a command line without panic_on_corruption the guest would run on.
void power_off_on_crash();

/// Says why, ends all other processes, writes out what is cached and turns the guest off.
[[noreturn]] void power_off(std::string_view reason);

}  // namespace hallmark::guest
