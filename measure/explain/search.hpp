// SPDX-License-Identifier: Apache-2.0
// The search for a change of a request, or a pair of changes, that gives a value which the request itself doesn't.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "measure/explain/dimension.hpp"

namespace hallmark::explain {

/// One change: a dimension, and which of its values; the first of the others is 1, as 0 stands for the one given.
struct Step {
    std::size_t dimension = 0;
    std::size_t choice = 0;
};

/// A request with at most two changes.
struct Candidate {
    std::array<Step, 2> steps{};
    std::size_t count = 0;  ///< of the steps that are meant
    /// Whether every value of the space's run is asked for, or only the one given.
    bool whole_run = false;

    [[nodiscard]] std::size_t choice(std::size_t dimension) const {
        for (std::size_t i = 0; i < count; ++i)
            if (steps[i].dimension == dimension) return steps[i].choice;
        return 0;
    }
};

/// A candidate that gives the value, by its index, and for which value of the run.
struct Hit {
    std::size_t candidate = 0;
    std::size_t run_choice = 0;
};

/// A calculation whose inputs may vary, and the value that it should have had.
class Space {
public:
    Space() = default;
    Space(const Space&) = delete;
    Space& operator=(const Space&) = delete;
    virtual ~Space() = default;

    [[nodiscard]] virtual const std::vector<Dimension>& dimensions() const = 0;
    /// The dimension whose values a calculation passes one after another, such as the number of CPUs: all of them cost
    /// no more than the last one.
    [[nodiscard]] virtual std::optional<std::size_t> run() const { return std::nullopt; }
    /// Those of the candidates that give the value, in any order. They come many at a time, so that what they share is
    /// computed once.
    [[nodiscard]] virtual std::vector<Hit> measure(std::span<const Candidate> candidates) const = 0;
};

/// A change, in words.
struct Change {
    std::string option;
    std::optional<std::string> given;
    Value seen;
};
using Explanation = std::vector<Change>;

struct Outcome {
    bool equal = false;                     ///< the request itself gives the value
    std::vector<Explanation> explanations;  ///< all of one change; where there are none, all of two
    std::size_t candidates = 0;             ///< how many requests were compared with the value
};

/// The request, then every single change of it, then, where none of these gives the value, every pair.
Outcome search(const Space& space);

}  // namespace hallmark::explain
