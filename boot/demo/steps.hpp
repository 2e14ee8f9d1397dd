// SPDX-License-Identifier: Apache-2.0
// The fifteen steps from power-on to a running encrypted pod. The first is the VM's start; the guest tells of the
// others on its console, a line "hallmark-step N TEXT" each, where init-data says so.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/deadline.hpp"
#include "common/json.hpp"

namespace hallmark::boot::demo {

constexpr unsigned kSteps = 15;

/// What happens in a step, 1 to 15.
std::string_view title_of(unsigned number);

/// A step that has happened.
struct Reached {
    unsigned number = 0;
    std::string what;                   ///< its title, and what the guest says of it
    std::chrono::milliseconds after{};  ///< since the VM started
};

/// Follows a guest's console. What the guest writes there may be anything, in pieces of any size.
class Steps {
public:
    /// The VM starts: the first step.
    const Reached& begin();
    /// The steps that happened for the first time, by what came on the console since the last call.
    std::vector<Reached> add(std::string_view text);

    [[nodiscard]] bool all() const;
    /// How many of them have happened.
    [[nodiscard]] unsigned count() const;
    /// The first that has not; 16 where all have.
    [[nodiscard]] unsigned missing() const;
    /// Since the VM started; 0 where it has not.
    [[nodiscard]] std::chrono::milliseconds elapsed() const;
    /// [{"step": 1, "what": "the VM starts", "seconds": 0.0}, …] of what has happened, by number.
    [[nodiscard]] Json json() const;

private:
    void line(std::string_view line, std::vector<Reached>& fresh);
    Reached& reach(unsigned number, std::string_view words);

    std::optional<Clock::time_point> start_;
    std::string partial_;  // the line that is being written, at most kLongestLine bytes of it
    std::array<std::optional<Reached>, kSteps> steps_;
};

}  // namespace hallmark::boot::demo
