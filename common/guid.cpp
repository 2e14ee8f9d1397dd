// SPDX-License-Identifier: Apache-2.0
#include "common/guid.hpp"

#include "common/hex.hpp"

namespace hallmark {

std::string Guid::text() const {
    static constexpr std::array<std::size_t, 16> kOrder = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    std::string text;
    for (std::size_t i = 0; i < kOrder.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        text += to_hex(ByteSpan(&bytes[kOrder[i]], 1));
    }
    return text;
}

}  // namespace hallmark
