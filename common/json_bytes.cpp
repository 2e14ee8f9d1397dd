// SPDX-License-Identifier: Apache-2.0
#include "common/json_bytes.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "common/bytes.hpp"

namespace hallmark {
namespace {

constexpr unsigned kLargestByte = 0xff;

/// Reads a text from some place on.
class Cursor {
public:
    Cursor(std::string_view text, std::size_t at) : begin_(text.data()), at_(begin_ + at), end_(begin_ + text.size()) {}

    /// The next character that is no white space; NUL at the end.
    char next() {
        while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
        return at_ != end_ ? *at_++ : '\0';
    }
    /// A number that begins with that digit; more than any byte where there is none, or one that JSON writes otherwise.
    unsigned number(char first) {
        if (!is_digit(first)) return kLargestByte + 1;
        auto value = static_cast<unsigned>(first - '0');
        while (at_ != end_ && is_digit(*at_) && value <= kLargestByte) {
            if (value == 0) return kLargestByte + 1;  // a zero in front
            value = 10 * value + static_cast<unsigned>(*at_++ - '0');
        }
        return value;
    }
    [[nodiscard]] std::size_t at() const { return static_cast<std::size_t>(at_ - begin_); }

private:
    static bool is_digit(char c) { return c >= '0' && c <= '9'; }

    const char* begin_;
    const char* at_;
    const char* end_;
};

/// The list whose bracket stands before `at`, and where it ends; `at` where it is another list.
std::size_t read_byte_list(std::string_view text, std::size_t at, Bytes& bytes) {
    Cursor cursor(text, at);
    char c = cursor.next();
    if (c == ']') return cursor.at();
    for (;;) {
        const unsigned value = cursor.number(c);
        if (value > kLargestByte) return at;
        bytes.push_back(static_cast<std::uint8_t>(value));
        c = cursor.next();
        if (c == ']') return cursor.at();
        if (c != ',') return at;
        c = cursor.next();
    }
}

/// Takes the lists of bytes out of a text: each leaves an empty list behind, and one that was empty before counts.
/// What was JSON stays JSON, and what was none stays none.
std::string take_lists(std::string_view text, std::vector<Bytes>& lists) {
    std::string rest;
    Bytes bytes;
    std::size_t copied = 0;  // what comes before is in `rest`, or in a list
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') ++i;
            if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[') {
            bytes.clear();
            const std::size_t end = read_byte_list(text, i + 1, bytes);
            if (end == i + 1) continue;
            lists.push_back(bytes);
            rest.append(text.substr(copied, i + 1 - copied));
            copied = end - 1;  // the bracket that closes it
            i = end - 1;
        }
    }
    rest.append(text.substr(copied));
    return rest;
}

/// In the order of the text; parse_json() has bounded the depth.
void put_lists_back(Json& json, std::vector<Bytes>& lists, std::size_t& next) {
    if (json.is_array() && json.empty()) {
        if (Bytes& bytes = lists[next++]; !bytes.empty()) json = Json::binary(std::move(bytes));
    } else if (json.is_structured()) {
        for (auto& value : json) put_lists_back(value, lists, next);
    }
}

/// As Json itself writes what is no container.
std::string plain(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

void write_string(std::string& out, const std::string& text) {
    const auto as_it_is = [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; };
    if (std::ranges::all_of(text, as_it_is))
        out.append("\"").append(text).append("\"");
    else
        out += plain(text);
}

/// A byte as a list has it, with a comma behind it.
struct Number {
    std::array<char, 4> text{};
    std::uint8_t size = 0;
};
constexpr std::array<Number, kLargestByte + 1> kNumbers = [] {
    std::array<Number, kLargestByte + 1> numbers{};
    for (unsigned byte = 0; byte <= kLargestByte; ++byte) {
        Number& number = numbers.at(byte);
        const auto add = [&number](unsigned c) { number.text.at(number.size++) = static_cast<char>(c); };
        if (byte >= 100) add('0' + byte / 100);
        if (byte >= 10) add('0' + byte / 10 % 10);
        add('0' + byte % 10);
        add(',');
    }
    return numbers;
}();

void write_bytes(std::string& out, ByteSpan bytes) {
    const std::size_t before = out.size();
    out.resize(before + sizeof(Number::text) * bytes.size() + 2);
    char* at = out.data() + before;
    *at++ = '[';
    for (const std::uint8_t byte : bytes) {
        const Number& number = kNumbers.at(byte);
        std::memcpy(at, number.text.data(), number.text.size());
        at += number.size;
    }
    if (!bytes.empty()) --at;  // no comma behind the last one
    *at++ = ']';
    out.resize(static_cast<std::size_t>(at - out.data()));
}

/// Each value, with commas between them, in brackets.
template <class Values, class Write>
void write_list(std::string& out, const Values& values, std::string_view brackets, const Write& write) {
    out += brackets.front();
    bool first = true;
    for (const auto& value : values) {
        if (!first) out += ',';
        first = false;
        write(value);
    }
    out += brackets.back();
}

void write(std::string& out, const Json& json) {
    if (json.is_binary()) {
        write_bytes(out, json.get_binary());
    } else if (json.is_array()) {
        write_list(out, json, "[]", [&](const Json& value) { write(out, value); });
    } else if (json.is_object()) {
        write_list(out, json.get_ref<const Json::object_t&>(), "{}", [&](const auto& member) {
            write_string(out, member.first);
            out += ':';
            write(out, member.second);
        });
    } else if (json.is_string()) {
        write_string(out, json.get_ref<const std::string&>());
    } else {
        out += plain(json);
    }
}

}  // namespace

Result<Json> parse_json_with_bytes(std::string_view text, std::string_view what) {
    std::vector<Bytes> lists;
    HALLMARK_TRY(Json json, parse_json(take_lists(text, lists), what));
    std::size_t next = 0;
    put_lists_back(json, lists, next);
    return json;
}

std::string text_with_bytes(const Json& json) {
    std::string out;
    write(out, json);
    return out;
}

}  // namespace hallmark
