// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>

namespace hallmark::guest {

using Clock = std::chrono::steady_clock;
/// When to give up.
using Deadline = Clock::time_point;

inline Deadline after(std::chrono::milliseconds limit) { return Clock::now() + limit; }

/// What is left, as poll(2) takes it: whole milliseconds, rounded up, 0 when it has passed.
inline int remaining_ms(Deadline deadline) {
    constexpr std::chrono::milliseconds::rep kLongest = 60'000;  // nothing here waits longer in one call
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    return static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(left, 0, kLongest));
}

}  // namespace hallmark::guest
