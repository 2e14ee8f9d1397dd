// SPDX-License-Identifier: Apache-2.0
#include "relying-party/keys/resource_path.hpp"

#include <array>
#include <cstddef>
#include <optional>

namespace hallmark::keys {
namespace {

constexpr std::size_t kLongestSegment = 255;
constexpr std::size_t kLongestPath = 3 * kLongestSegment + 2;
constexpr std::size_t kLongestHost = 255;
constexpr std::string_view kForm = "REPOSITORY/TYPE/TAG";

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

/// The first character may be no '.', so neither ".", ".." nor a hidden file's name is ever a segment.
bool is_segment(std::string_view text) {
    if (text.empty() || text.size() > kLongestSegment || text.front() == '.') return false;
    for (const char c : text)
        if (!is_letter_or_digit(c) && c != '_' && c != '-' && c != '.') return false;
    return true;
}

/// What stands in front of the first '/'; `rest` is what comes after it, nothing where there is no '/'.
std::string_view take(std::optional<std::string_view>& rest) {
    const std::string_view text = *rest;
    const auto end = text.find('/');
    rest = end == std::string_view::npos ? std::nullopt : std::optional(text.substr(end + 1));
    return text.substr(0, end);
}

/// HOST, HOST:PORT or [IPV6]:PORT as far as its characters go: nobody connects to it.
bool is_authority(std::string_view text) {
    if (text.size() > kLongestHost) return false;
    for (const char c : text)
        if (!is_letter_or_digit(c) && std::string_view(".-_:[]").find(c) == std::string_view::npos) return false;
    return true;
}

}  // namespace

// The text itself stays out of errors: it comes from outside, and an error ends up on a terminal.
Result<ResourcePath> ResourcePath::parse(std::string_view text) {
    if (text.size() > kLongestPath)
        return bad_input("resource path: " + std::to_string(text.size()) + " bytes, expected at most " +
                         std::to_string(kLongestPath) + " (" + std::string(kForm) + ")");
    std::optional<std::string_view> rest = text;
    std::array<std::string_view, 3> segments;
    std::size_t found = 0;
    for (; rest && found < segments.size(); ++found) segments[found] = take(rest);
    if (found < segments.size() || rest)
        return bad_input("resource path: " + std::string(rest ? "more than 3" : std::to_string(found)) +
                         " segments, expected 3: " + std::string(kForm));
    for (std::size_t i = 0; i < segments.size(); ++i)
        if (!is_segment(segments[i]))
            return bad_input(
                "resource path: segment " + std::to_string(i + 1) + " of " + std::to_string(segments[i].size()) +
                " bytes is not allowed, expected 1 to 255 letters, digits, '_', '-' and '.', no '.' first");
    return ResourcePath{std::string(segments[0]), std::string(segments[1]), std::string(segments[2])};
}

Result<ResourcePath> ResourcePath::of_uri(std::string_view uri) {
    for (const std::string_view scheme : {"kbs://", "kbs+resource://"}) {
        if (!uri.starts_with(scheme)) continue;
        const auto after = uri.substr(scheme.size());
        const auto slash = after.find('/');
        if (slash == std::string_view::npos)
            return bad_input("resource URI: no path, expected kbs:///" + std::string(kForm));
        if (!is_authority(after.substr(0, slash)))
            return bad_input("resource URI: the host is none, expected kbs:///" + std::string(kForm) +
                             " or kbs://HOST:PORT/" + std::string(kForm));
        return parse(after.substr(slash + 1));
    }
    return bad_input("resource URI: another scheme, expected kbs:///" + std::string(kForm) + " or kbs+resource:///" +
                     std::string(kForm));
}

}  // namespace hallmark::keys
