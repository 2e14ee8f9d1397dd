// SPDX-License-Identifier: Apache-2.0
#include "measure/parallel.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

namespace hallmark {
namespace {

TEST(ParallelFor, DoesEveryJobOnce) {
    for (const std::size_t count : {0U, 1U, 2U, 1000U}) {
        std::vector<std::atomic<int>> done(count);
        parallel_for(count, [&](std::size_t i) { ++done[i]; });
        for (const auto& times : done) EXPECT_EQ(times, 1);
    }
}

}  // namespace
}  // namespace hallmark
