// SPDX-License-Identifier: Apache-2.0
#include "boot/qemu/command.hpp"

namespace hallmark::boot {

std::string escaped(std::string_view value) {
    std::string text;
    for (const char c : value) {
        text += c;
        if (c == ',') text += ',';
    }
    return text;
}

}  // namespace hallmark::boot
