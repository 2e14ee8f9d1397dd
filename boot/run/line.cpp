// SPDX-License-Identifier: Apache-2.0
#include "boot/run/line.hpp"

#include <cstdint>

#include "common/hex.hpp"

namespace hallmark::boot {

std::string one_line(std::string_view text) {
    std::string line;
    for (const char c : text) {
        const auto byte = static_cast<std::uint8_t>(c);
        if (c == '\n' || c == '\r')
            line += ' ';
        else if (byte >= 0x20 && byte < 0x7f)
            line += c;
        else
            line += "\\x" + to_hex({&byte, 1});
    }
    return line;
}

}  // namespace hallmark::boot
