// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>

namespace hallmark::hub {

/// Images that are pulled side by side; further ones wait.
constexpr std::size_t kPullsAtOnce = 6;
/// Of callers who name no time, and of those who name a longer one. The kata-agent waits 20 minutes.
constexpr std::chrono::milliseconds kLongestPull{3'600'000};

}  // namespace hallmark::hub
