// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>

namespace hallmark {

/// Runs job(0), job(1), … job(count - 1), each once, on as many threads as there are processors; returns when all are
/// done. Jobs may run at the same time and in any order. Where the system gives no more threads, fewer do the work.
void parallel_for(std::size_t count, const std::function<void(std::size_t)>& job);

}  // namespace hallmark
