// SPDX-License-Identifier: Apache-2.0
#include "common/hex.hpp"

#include <charconv>

namespace hallmark {
namespace {

int digit_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

std::string to_hex(ByteSpan bytes) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const auto byte : bytes) {
        text += kDigits[byte >> 4];
        text += kDigits[byte & 15];
    }
    return text;
}

std::string hex_number(std::uint64_t value, int digits) {
    char buffer[16];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, 16).ptr;
    const auto length = static_cast<std::size_t>(end - buffer);
    const auto wanted = static_cast<std::size_t>(digits);
    return "0x" + std::string(wanted > length ? wanted - length : 0, '0') + std::string(buffer, length);
}

Result<Bytes> from_hex(std::string_view text) {
    if (text.size() % 2 != 0)
        return bad_input("hexadecimal text has " + std::to_string(text.size()) + " digits, expected an even number");
    Bytes bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = digit_value(text[i]);
        const int low = digit_value(text[i + 1]);
        if (high < 0 || low < 0)
            return bad_input("hexadecimal text has another character at " + std::to_string(high < 0 ? i : i + 1));
        bytes.push_back(static_cast<std::uint8_t>(high << 4 | low));
    }
    return bytes;
}

Result<std::uint64_t> parse_number(std::string_view text) {
    const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
    const auto digits = hexadecimal ? text.substr(2) : text;
    std::uint64_t value = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, hexadecimal ? 16 : 10);
    if (error != std::errc{} || end != digits.data() + digits.size() || digits.empty())
        return bad_input("'" + std::string(text) +
                         "' is not a number; write it in decimal, or in hexadecimal after 0x");
    return value;
}

}  // namespace hallmark
