// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "boot/demo/preparation.hpp"
#include "common/json.hpp"

namespace hallmark::boot::demo {

/// What came of a demo.
struct Shown {
    Steps steps;
    std::string output;  ///< of the workload
    std::string reason;  ///< why it failed: in which step, and what the guest and the broker say; empty: all happened

    /// {"steps": [{"step": 1, "what": …, "seconds": …}, …], "output": …}; where it failed also "failed": the reason.
    [[nodiscard]] Json json() const;
};

/// Shows the whole way, from an owner with nothing to a pod that has run, as it happens. What it makes lies in
/// `folder`. An error: nothing was booted.
Result<Shown> show(const DemoRequest& request, const std::filesystem::path& folder, View& view);

/// Prepares everything in a folder, prints what it is as JSON, and keeps the servers until standard input ends.
Status hold(const DemoRequest& request, View& view);

}  // namespace hallmark::boot::demo
