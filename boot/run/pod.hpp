// SPDX-License-Identifier: Apache-2.0
// What a guest tells of its pod while it runs, and who follows it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/formats/guest_port.hpp"

namespace hallmark::boot {

/// Hears a guest as it speaks. Any of them may be missing.
struct Follower {
    std::function<void()> started{};  ///< the guest executes its first instruction
    /// What has come on the guest's console since the last call; at least each third of a second, with nothing too.
    std::function<void(std::string_view)> console{};
    std::function<void(const guest_port::Output&)> output{};
};

/// A pod that has ended.
struct Pod {
    std::vector<guest_port::ContainerEnd> ends;  ///< each container
    std::string output;                          ///< of all, in the order in which it came: at most kMostOutput bytes
};
constexpr std::size_t kMostOutput = std::size_t{1} << 20;

/// What went wrong with its containers, in one line; empty where all ended by themselves with status 0.
std::string failures(const Pod& pod);

}  // namespace hallmark::boot
