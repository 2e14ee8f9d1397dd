// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/json.hpp"

namespace hallmark::inspect {

/// A JSON value as an indented tree for people to read. All that is no plain ASCII is escaped: the file that it came
/// from may want to write to the terminal.
[[nodiscard]] std::string as_tree(const Json& json);

/// A text with everything escaped that a terminal could act on.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace hallmark::inspect
