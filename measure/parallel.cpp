// SPDX-License-Identifier: Apache-2.0
#include "measure/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

namespace hallmark {

void parallel_for(std::size_t count, const std::function<void(std::size_t)>& job) {
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
        for (std::size_t i = next++; i < count; i = next++) job(i);
    };
    const auto processors = std::max<std::size_t>(1, std::thread::hardware_concurrency());
    std::vector<std::jthread> helpers;  // joined at the end of this function
    while (helpers.size() + 1 < std::min(processors, count)) {
        try {
            helpers.emplace_back(work);
        } catch (const std::system_error&) {
            break;
        }
    }
    work();
}

}  // namespace hallmark
