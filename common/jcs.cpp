// SPDX-License-Identifier: Apache-2.0
#include "common/jcs.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace hallmark {
namespace {

constexpr int kDeepest = 128;  // twice what parse_json() lets in
constexpr std::int64_t kLargestInteger = (std::int64_t{1} << 53) - 1;

/// ECMA-262, Number::toString: the value is 0.DIGITS * 10^point.
std::string layout(std::string_view digits, int point) {
    const int count = static_cast<int>(digits.size());
    const auto zeros = [](int n) { return std::string(static_cast<std::size_t>(n), '0'); };
    if (count <= point && point <= 21) return std::string(digits) + zeros(point - count);
    if (0 < point && point <= 21) {
        const auto whole = static_cast<std::size_t>(point);
        return std::string(digits.substr(0, whole)) + "." + std::string(digits.substr(whole));
    }
    if (-6 < point && point <= 0) return "0." + zeros(-point) + std::string(digits);
    std::string text(digits.substr(0, 1));
    if (count > 1) text += "." + std::string(digits.substr(1));
    return text + (point > 0 ? "e+" : "e-") + std::to_string(std::abs(point - 1));
}

Result<std::string> number_text(double value) {
    if (!std::isfinite(value)) return bad_input("canonical JSON: a number is not finite; JSON has no form for it");
    if (value == 0) return "0";  // and minus zero
    // The fewest digits that read back as the same number; of these the nearest to it.
    std::array<char, 40> buffer{};
    const auto end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::abs(value), std::chars_format::scientific).ptr;
    const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
    const auto mark = text.find('e');
    std::string digits(text.substr(0, mark));
    std::erase(digits, '.');
    auto exponent_text = text.substr(mark + 1);
    if (exponent_text.starts_with('+')) exponent_text.remove_prefix(1);
    int exponent = 0;
    std::from_chars(exponent_text.data(), exponent_text.data() + exponent_text.size(), exponent);
    return (value < 0 ? "-" : "") + layout(digits, exponent + 1);
}

/// One code point of UTF-8 at the head of `text`, which it takes away; RFC 3629, section 4.
std::optional<std::uint32_t> take_code_point(std::string_view& text) {
    const auto first = static_cast<std::uint8_t>(text[0]);
    const std::size_t length = first < 0x80         ? 1
                               : (first >> 5) == 6  ? 2
                               : (first >> 4) == 14 ? 3
                               : (first >> 3) == 30 ? 4
                                                    : 0;
    if (length == 0 || text.size() < length) return std::nullopt;
    static constexpr std::array<std::uint32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
    std::uint32_t point = length == 1 ? first : first & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        const auto byte = static_cast<std::uint8_t>(text[i]);
        if ((byte & 0xc0) != 0x80) return std::nullopt;
        point = point << 6 | (byte & 0x3f);
    }
    if (point < kSmallest[length] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return std::nullopt;
    text.remove_prefix(length);
    return point;
}

Result<std::u16string> utf16(std::string_view text) {
    std::u16string units;
    units.reserve(text.size());
    while (!text.empty()) {
        const auto point = take_code_point(text);
        if (!point) return bad_input("canonical JSON: a text is not UTF-8");
        if (*point < 0x10000) {
            units += static_cast<char16_t>(*point);
        } else {
            units += static_cast<char16_t>(0xd800 + ((*point - 0x10000) >> 10));
            units += static_cast<char16_t>(0xdc00 + ((*point - 0x10000) & 0x3ff));
        }
    }
    return units;
}

/// RFC 8785, section 3.2.2.2.
void write_escaped(std::string& out, std::string_view text) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    static constexpr std::string_view kNamed = "\b\t\n\f\r\"\\";
    static constexpr std::string_view kNames = "btnfr\"\\";
    out += '"';
    for (const char c : text) {
        const auto byte = static_cast<std::uint8_t>(c);
        if (const auto at = kNamed.find(c); at != std::string_view::npos) {
            out += '\\';
            out += kNames[at];
        } else if (byte < 0x20) {
            out += "\\u00";
            out += kDigits[byte >> 4];
            out += kDigits[byte & 15];
        } else {
            out += c;
        }
    }
    out += '"';
}

Status write_string(std::string& out, const std::string& text) {
    HALLMARK_CHECK(utf16(text));
    write_escaped(out, text);
    return {};
}

Status write_integer(std::string& out, const Json& json) {
    // Unsigned and signed are one type in JSON: both must lie where a double holds every integer.
    const auto in_range = [](std::int64_t value) { return value >= -kLargestInteger && value <= kLargestInteger; };
    const bool fits = json.is_number_unsigned()
                          ? json.get<std::uint64_t>() <= static_cast<std::uint64_t>(kLargestInteger)
                          : in_range(json.get<std::int64_t>());
    if (!fits)
        return bad_input("canonical JSON: the integer " + json.dump() +
                         " is beyond 2^53 - 1, which a double does not hold; write it as a text");
    out += json.dump();
    return {};
}

Status write(std::string& out, const Json& json, int depth);

/// RFC 8785, section 3.2.3: members stand in the order of the UTF-16 units of their names.
Status write_object(std::string& out, const Json& json, int depth) {
    std::vector<std::pair<std::u16string, Json::const_iterator>> members;
    for (auto member = json.begin(); member != json.end(); ++member) {
        HALLMARK_TRY(auto name, utf16(member.key()));
        members.emplace_back(std::move(name), member);
    }
    std::ranges::sort(members, {}, [](const auto& member) -> const std::u16string& { return member.first; });
    out += '{';
    for (std::size_t i = 0; i < members.size(); ++i) {
        if (i != 0) out += ',';
        write_escaped(out, members[i].second.key());
        out += ':';
        HALLMARK_CHECK(write(out, members[i].second.value(), depth + 1));
    }
    out += '}';
    return {};
}

Status write_array(std::string& out, const Json& json, int depth) {
    out += '[';
    for (std::size_t i = 0; i < json.size(); ++i) {
        if (i != 0) out += ',';
        HALLMARK_CHECK(write(out, json[i], depth + 1));
    }
    out += ']';
    return {};
}

Status write(std::string& out, const Json& json, int depth) {
    if (depth > kDeepest)
        return bad_input("canonical JSON: nested deeper than " + std::to_string(kDeepest) + " levels");
    switch (json.type()) {
        case Json::value_t::null:
            out += "null";
            return {};
        case Json::value_t::boolean:
            out += json.get<bool>() ? "true" : "false";
            return {};
        case Json::value_t::string:
            return write_string(out, json.get_ref<const std::string&>());
        case Json::value_t::number_integer:
        case Json::value_t::number_unsigned:
            return write_integer(out, json);
        case Json::value_t::number_float: {
            HALLMARK_TRY(const std::string text, number_text(json.get<double>()));
            out += text;
            return {};
        }
        case Json::value_t::object:
            return write_object(out, json, depth);
        case Json::value_t::array:
            return write_array(out, json, depth);
        case Json::value_t::binary:
        case Json::value_t::discarded:
            break;
    }
    return bad_input(std::string("canonical JSON: found ") + json.type_name() + ", which is no JSON value");
}

}  // namespace

Result<std::string> canonical(const Json& json) {
    std::string out;
    HALLMARK_CHECK(write(out, json, 0));
    return out;
}

}  // namespace hallmark
