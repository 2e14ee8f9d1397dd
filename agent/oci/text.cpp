// SPDX-License-Identifier: Apache-2.0
#include "agent/oci/text.hpp"

#include <algorithm>

namespace hallmark::oci {

std::string printable(std::string_view text, std::size_t longest) {
    std::string line(text.substr(0, longest));
    std::ranges::replace_if(line, [](char c) { return c < ' ' || c > '~'; }, '?');
    if (text.size() > longest) line += "…";
    return line;
}

}  // namespace hallmark::oci
