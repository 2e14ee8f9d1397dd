// SPDX-License-Identifier: Apache-2.0
#include "agent/registry/retries.hpp"

#include <algorithm>
#include <thread>

namespace hallmark::registry {

bool Retries::again(std::optional<std::chrono::seconds> asked) {
    if (left_ <= 0) return false;
    const auto wait = std::max<std::chrono::milliseconds>(wait_, asked.value_or(std::chrono::seconds(0)));
    if (wait > patience_.longest_wait) return false;
    --left_;
    ++spent_;
    wait_ = std::min(2 * wait_, patience_.longest_wait);
    if (patience_.sleep)
        patience_.sleep(wait);
    else
        std::this_thread::sleep_for(wait);
    return true;
}

void Retries::progressed() {
    left_ += spent_;
    spent_ = 0;
    wait_ = patience_.first_wait;
}

}  // namespace hallmark::registry
