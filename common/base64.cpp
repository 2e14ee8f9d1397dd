// SPDX-License-Identifier: Apache-2.0
#include "common/base64.hpp"

#include <array>
#include <cstdint>

namespace hallmark {
namespace {

constexpr std::string_view kStandard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kNotOfAlphabet = 0xff;

using Values = std::array<std::uint8_t, 256>;

constexpr Values values_of(std::string_view alphabet) {
    Values values{};
    values.fill(kNotOfAlphabet);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        values[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
    return values;
}

constexpr Values kStandardValues = values_of(kStandard);
constexpr Values kUrlValues = values_of(kUrl);

std::string encode(ByteSpan bytes, std::string_view alphabet, bool padded) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    const std::size_t whole = bytes.size() - bytes.size() % 3;
    for (std::size_t i = 0; i < whole; i += 3) {
        const std::uint32_t group = std::uint32_t{bytes[i]} << 16 | std::uint32_t{bytes[i + 1]} << 8 | bytes[i + 2];
        const char digits[] = {alphabet[group >> 18], alphabet[group >> 12 & 63], alphabet[group >> 6 & 63],
                               alphabet[group & 63]};
        text.append(digits, sizeof digits);
    }
    if (whole != bytes.size()) {
        const std::size_t i = whole;
        std::uint32_t group = 0;
        const std::size_t count = bytes.size() - i;
        for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (k < count ? bytes[i + k] : 0U);
        for (std::size_t k = 0; k <= count; ++k) text += alphabet[group >> (18 - 6 * k) & 63];
        if (padded) text.append(3 - count, '=');
    }
    return text;
}

/// `digits` without padding.
Result<Bytes> decode(std::string_view digits, const Values& values, std::string_view name) {
    const std::size_t left = digits.size() % 4;
    if (left == 1)
        return bad_input(std::string(name) + " text has " + std::to_string(digits.size()) +
                         " digits, which no number of bytes gives; it was cut");
    Bytes bytes;
    bytes.reserve(digits.size() / 4 * 3 + 2);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const auto value = values[static_cast<std::uint8_t>(digits[i])];
        if (value == kNotOfAlphabet)
            return bad_input(std::string(name) + " text has another character at " + std::to_string(i));
        group = group << 6 | value;
        if (i % 4 != 3) continue;
        bytes.push_back(static_cast<std::uint8_t>(group >> 16));
        bytes.push_back(static_cast<std::uint8_t>(group >> 8));
        bytes.push_back(static_cast<std::uint8_t>(group));
        group = 0;
    }
    // Two digits hold 8 bits and 4 that must be zero, three hold 16 and 2.
    const std::uint32_t stray = left == 2 ? group & 15 : left == 3 ? group & 3 : 0;
    if (stray != 0) return bad_input(std::string(name) + " text ends in bits that belong to no byte; expected zeros");
    if (left == 2) bytes.push_back(static_cast<std::uint8_t>(group >> 4));
    if (left == 3) {
        bytes.push_back(static_cast<std::uint8_t>(group >> 10));
        bytes.push_back(static_cast<std::uint8_t>(group >> 2));
    }
    return bytes;
}

}  // namespace

std::string to_base64(ByteSpan bytes) { return encode(bytes, kStandard, true); }

std::string to_base64url(ByteSpan bytes) { return encode(bytes, kUrl, false); }

Result<Bytes> from_base64(std::string_view text) {
    if (text.size() % 4 != 0)
        return bad_input("base64 text has " + std::to_string(text.size()) +
                         " characters, expected a multiple of four: padding is part of it");
    if (text.ends_with('=')) text.remove_suffix(1);
    if (text.size() % 4 == 3 && text.ends_with('=')) text.remove_suffix(1);
    return decode(text, kStandardValues, "base64");
}

Result<Bytes> from_base64url(std::string_view text) { return decode(text, kUrlValues, "base64url"); }

}  // namespace hallmark
