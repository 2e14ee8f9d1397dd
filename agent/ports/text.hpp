// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/bytes.hpp"

namespace hallmark::guest {

/// Text that came from the host, fit for one line on the console: printable ASCII, cut to 200 characters.
inline std::string one_line(ByteSpan text) {
    constexpr std::size_t kLongest = 200;
    std::string line;
    for (const auto byte : text.first(text.size() < kLongest ? text.size() : kLongest))
        line += byte >= 0x20 && byte < 0x7f ? static_cast<char>(byte) : '?';
    return line;
}

/// The payload of a message that is text.
inline Bytes text_payload(std::string_view text) {
    const auto bytes = as_bytes(text);
    return {bytes.begin(), bytes.end()};
}

}  // namespace hallmark::guest
