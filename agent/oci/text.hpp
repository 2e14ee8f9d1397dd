// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hallmark::oci {

/// Text of a registry for an error of one line: control bytes and bytes beyond ASCII become '?', and what is longer
/// than `longest` is cut.
std::string printable(std::string_view text, std::size_t longest = 200);

}  // namespace hallmark::oci
