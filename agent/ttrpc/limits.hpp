// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>

namespace hallmark::ttrpc {

/// What a server spends on its callers. A caller who wants more waits: nothing more is read from its connection.
struct Limits {
    std::size_t workers = 8;                  ///< calls that are answered at the same time, over all connections
    std::size_t connections = 32;             ///< further ones wait in the kernel
    std::size_t outstanding = 64;             ///< calls of one connection that are not answered yet
    std::size_t buffered = 4U << 20;          ///< bytes held for one connection each way, before the last frame
    std::chrono::milliseconds stall{10'000};  ///< how long one frame may take, each way, before the caller is cut off
};

}  // namespace hallmark::ttrpc
