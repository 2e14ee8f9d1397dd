// SPDX-License-Identifier: Apache-2.0
#include "boot/run/pod.hpp"

namespace hallmark::boot {

std::string failures(const Pod& pod) {
    std::string text;
    for (const auto& end : pod.ends) {
        if (end.exit_status == 0 && end.reason.empty()) continue;
        text += (text.empty() ? "container " : "; container ") + end.name + " ended with status " +
                std::to_string(end.exit_status) + (end.reason.empty() ? "" : ": " + end.reason);
    }
    return text;
}

}  // namespace hallmark::boot
