// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace hallmark::qemu {

/// The words of a command line as a shell would pass them on: apart by white space, which quotes of either kind keep.
/// There are no escapes and nothing is expanded. A quote that isn't closed is an error.
Result<std::vector<std::string>> split_words(std::string_view text);

}  // namespace hallmark::qemu
