// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>

namespace hallmark::hub {

/// Images that are pulled and disks that are mounted side by side; further ones wait.
constexpr std::size_t kPullsAtOnce = 6;
/// Those that wait too; further ones are refused at once. Each holds a worker of the hub until its end.
constexpr std::size_t kPullsHeld = 12;
/// Of callers who name no time, and of those who name a longer one. The kata-agent waits 20 minutes.
constexpr std::chrono::milliseconds kLongestPull{3'600'000};

}  // namespace hallmark::hub
