// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace hallmark {

/// A GUID as it is stored: the first three fields little-endian, the rest in text order
/// (UEFI Specification 2.10, appendix A, "GUID and Time Formats").
struct Guid {
    std::array<std::uint8_t, 16> bytes{};

    auto operator<=>(const Guid&) const = default;

    /// "97d02dd8-bd20-4c94-aa78-e7714d36ab2a", lower case.
    [[nodiscard]] std::string text() const;
};
static_assert(sizeof(Guid) == 16 && alignof(Guid) == 1);

/// A GUID written in the source; a malformed one doesn't compile.
consteval Guid guid(std::string_view text) {
    constexpr std::array<int, 16> kOrder = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    const auto value = [](char c) -> int {
        if (c >= '0' && c <= '9') return c - '0';
        if (c >= 'a' && c <= 'f') return c - 'a' + 10;
        throw "a GUID has lower-case hexadecimal digits";
    };
    if (text.size() != 36) throw "a GUID has 36 characters";
    Guid result;
    std::size_t digit = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (text[i] != '-') throw "a GUID has dashes after 8, 12, 16 and 20 digits";
            continue;
        }
        auto& byte = result.bytes[static_cast<std::size_t>(kOrder[digit / 2])];
        byte = static_cast<std::uint8_t>(byte << 4 | value(text[i]));
        ++digit;
    }
    return result;
}

/// A GUID as text from outside, either case.
Result<Guid> parse_guid(std::string_view text);

}  // namespace hallmark
