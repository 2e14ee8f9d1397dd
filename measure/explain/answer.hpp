// SPDX-License-Identifier: Apache-2.0
// What a search found, for people and for machines.
#pragma once

#include <string>
#include <string_view>

#include "common/json.hpp"
#include "measure/explain/search.hpp"

namespace hallmark::explain {

/// "--vcpus 4 instead of 2 and no --initrd"
std::string in_words(const Explanation& explanation);

/// One line for each explanation; where there is none, what was tried. `value` says what is explained: "launch digest".
std::string as_lines(std::string_view value, const Space& space, const Outcome& outcome);

/// {"equal": …, "explanations": [{"changes": [{"option": …, "given": …, "seen": …}]}], "candidates": …, "tried": …};
/// null stands for an option that isn't given.
Json as_json(const Space& space, const Outcome& outcome);

}  // namespace hallmark::explain
