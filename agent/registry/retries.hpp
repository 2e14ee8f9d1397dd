// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>

#include "agent/registry/client.hpp"

namespace hallmark::registry {

/// Counts attempts at one place, and waits between them.
class Retries {
public:
    Retries(const Patience& patience, bool mirror)
        : patience_(patience), left_((mirror ? kAtMirrors : patience.attempts) - 1), wait_(patience.first_wait) {}

    /// Waits, and says whether to try once more. `asked` is what Retry-After asks for.
    bool again(std::optional<std::chrono::seconds> asked = std::nullopt);

    /// The attempt brought something: what comes is counted from the beginning.
    void progressed();

private:
    static constexpr int kAtMirrors = 2;
    const Patience& patience_;
    int left_;
    int spent_ = 0;
    std::chrono::milliseconds wait_;
};

}  // namespace hallmark::registry
