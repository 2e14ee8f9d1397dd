// SPDX-License-Identifier: Apache-2.0
#include "agent/registry/challenge.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "agent/oci/text.hpp"

namespace hallmark::registry {
namespace {

constexpr std::size_t kLongest = 8192;
constexpr std::size_t kMost = 32;  // challenges, and parameters of each

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }
bool is_token(char c) {
    return is_letter_or_digit(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}
bool is_token68(char c) {
    return is_letter_or_digit(c) || std::string_view("-._~+/").find(c) != std::string_view::npos;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return out;
}

class Cursor {
public:
    explicit Cursor(std::string_view text) : rest_(text) {}
    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool skip_space() {
        return !take_while([](char c) { return c == ' ' || c == '\t'; }).empty();
    }
    void skip_commas() {
        while (skip_space() || take(',')) {
        }
    }
    std::string_view token() { return take_while(is_token); }

    /// What some schemes have in place of parameters: passed over.
    void skip_token68() {
        const auto before = rest_;
        const bool any = !take_while(is_token68).empty();
        take_while([](char c) { return c == '='; });
        skip_space();
        if (!any || (!rest_.empty() && rest_.front() != ',')) rest_ = before;
    }

    std::optional<std::string> quoted() {
        std::string out;
        while (!rest_.empty()) {
            const char c = rest_.front();
            rest_.remove_prefix(1);
            if (c == '"') return out;
            if (c == '\\') {
                if (rest_.empty()) return std::nullopt;
                out += rest_.front();
                rest_.remove_prefix(1);
            } else {
                out += c;
            }
        }
        return std::nullopt;
    }

private:
    template <class Is>
    std::string_view take_while(Is is) {
        const auto end = std::ranges::find_if_not(rest_, is);
        const auto taken = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
        rest_.remove_prefix(taken.size());
        return taken;
    }
    std::string_view rest_;
};

/// The value behind "name=".
std::optional<std::string> parse_value(Cursor& cursor) {
    cursor.skip_space();
    if (cursor.take('"')) return cursor.quoted();
    const auto token = cursor.token();
    if (token.empty()) return std::nullopt;
    return std::string(token);
}

/// A scheme, or one more parameter of the scheme before.
bool parse_one(Cursor& cursor, std::vector<Challenge>& challenges) {
    const auto word = cursor.token();
    if (word.empty()) return false;
    const bool space = cursor.skip_space();
    if (cursor.take('=')) {
        auto value = parse_value(cursor);
        if (!value || challenges.empty() || challenges.back().parameters.size() == kMost) return false;
        return challenges.back().parameters.emplace(lower(word), std::move(*value)).second;
    }
    if (challenges.size() == kMost) return false;
    challenges.push_back({lower(word), {}});
    if (space) cursor.skip_token68();
    return true;
}

}  // namespace

Result<std::vector<Challenge>> parse_challenges(std::string_view header) {
    const auto refuse = [&] {
        return bad_input("WWW-Authenticate: found '" + oci::printable(header) +
                         "', expected a scheme and its parameters (RFC 9110, section 11.6.1)");
    };
    if (header.size() > kLongest) return refuse();
    std::vector<Challenge> challenges;
    Cursor cursor(header);
    for (cursor.skip_commas(); !cursor.at_end(); cursor.skip_commas())
        if (!parse_one(cursor, challenges)) return refuse();
    return challenges;
}

}  // namespace hallmark::registry
