// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace hallmark::guest {

/// "program: line" on stderr, in one write. What is in it may have come from outside: other signs than printable ASCII
/// become '?', and what is over 2,000 of them is cut off.
void say(std::string_view program, std::string_view line);

/// The same with another beginning than a program's name.
void say_line(std::string_view beginning, std::string_view line);

}  // namespace hallmark::guest
