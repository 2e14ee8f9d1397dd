// SPDX-License-Identifier: Apache-2.0
// Sharing of work: candidates that agree in some choices share what follows from these.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <vector>

#include "measure/explain/search.hpp"
#include "measure/parallel.hpp"

namespace hallmark::explain {

/// job(0) … job(count - 1) on all processors, many of them at a time: each is short.
inline void parallel_blocks(std::size_t count, const std::function<void(std::size_t)>& job) {
    constexpr std::size_t kBlock = 32;
    parallel_for((count + kBlock - 1) / kBlock, [&](std::size_t block) {
        const auto end = std::min(count, (block + 1) * kBlock);
        for (auto i = block * kBlock; i < end; ++i) job(i);
    });
}

/// The hits from the choices of the run that were found for each candidate.
inline std::vector<Hit> hits_of(std::span<const std::vector<std::size_t>> found) {
    std::vector<Hit> hits;
    for (std::size_t i = 0; i < found.size(); ++i)
        for (const auto choice : found[i]) hits.push_back({i, choice});
    return hits;
}

/// Candidates grouped by their choices in some dimensions.
template <std::size_t N>
class Groups {
public:
    Groups(std::span<const Candidate> candidates, const std::array<std::size_t, N>& dimensions) {
        std::map<std::array<std::size_t, N>, std::size_t> known;
        for (std::size_t index = 0; index < candidates.size(); ++index) {
            std::array<std::size_t, N> key{};
            for (std::size_t i = 0; i < N; ++i) key[i] = candidates[index].choice(dimensions[i]);
            const auto [found, is_new] = known.emplace(key, members_.size());
            if (is_new) members_.push_back(index);
            group_of_.push_back(found->second);
        }
    }

    [[nodiscard]] std::size_t group_of(std::size_t candidate) const { return group_of_[candidate]; }

    /// What follows from each group, by its number, from the candidate of this index, one of its members.
    template <class T>
    [[nodiscard]] std::vector<T> each(const std::function<T(std::size_t)>& compute) const {
        std::vector<T> values(members_.size());
        parallel_blocks(values.size(), [&](std::size_t i) { values[i] = compute(members_[i]); });
        return values;
    }

private:
    std::vector<std::size_t> members_;  ///< the first candidate of each group
    std::vector<std::size_t> group_of_;
};

}  // namespace hallmark::explain
