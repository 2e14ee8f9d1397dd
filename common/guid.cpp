// SPDX-License-Identifier: Apache-2.0
#include "common/guid.hpp"

#include "common/hex.hpp"

namespace hallmark {

namespace {

/// In which order text has the stored bytes.
constexpr std::array<std::size_t, 16> kOrder = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

}  // namespace

std::string Guid::text() const {
    std::string text;
    for (std::size_t i = 0; i < kOrder.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        text += to_hex(ByteSpan(&bytes[kOrder[i]], 1));
    }
    return text;
}

Result<Guid> parse_guid(std::string_view text) {
    std::string digits;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash != (text[i] == '-')) break;
        if (!dash) digits += text[i];
    }
    const auto bytes = from_hex(digits);
    if (text.size() != 36 || digits.size() != 32 || !bytes)
        return bad_input("expected a GUID as 8-4-4-4-12 hexadecimal digits");
    Guid guid;
    for (std::size_t i = 0; i < kOrder.size(); ++i) guid.bytes[kOrder[i]] = (*bytes)[i];
    return guid;
}

}  // namespace hallmark
