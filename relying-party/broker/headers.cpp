// SPDX-License-Identifier: Apache-2.0
#include "relying-party/broker/headers.hpp"

#include <strings.h>

#include "common/hex.hpp"

namespace hallmark::broker {
namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// RFC 9110, section 5.6.7, whatever the locale.
std::string http_date(std::time_t at) {
    constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::tm parts{};
    if (::gmtime_r(&at, &parts) == nullptr) return "Thu, 01 Jan 1970 00:00:00 GMT";
    const auto two = [](int number) { return (number < 10 ? "0" : "") + std::to_string(number); };
    return std::string(kDays[parts.tm_wday]) + ", " + two(parts.tm_mday) + " " + kMonths[parts.tm_mon] + " " +
           std::to_string(parts.tm_year + 1900) + " " + two(parts.tm_hour) + ":" + two(parts.tm_min) + ":" +
           two(parts.tm_sec) + " GMT";
}

}  // namespace

std::optional<std::string_view> session_cookie(std::string_view header) {
    std::optional<std::string_view> found;
    while (!header.empty()) {
        const auto end = header.find(';');
        const auto pair = trimmed(header.substr(0, end));
        header = end == std::string_view::npos ? std::string_view() : header.substr(end + 1);
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos || pair.substr(0, equals) != kSessionCookie) continue;
        const auto value = pair.substr(equals + 1);
        if (found && *found != value) return std::nullopt;
        found = value;
    }
    return found;
}

std::string set_session_cookie(std::string_view id, std::time_t expires) {
    return std::string(kSessionCookie) + "=" + std::string(id) +
           "; Path=/kbs/v0; HttpOnly; Expires=" + http_date(expires);
}

std::optional<std::string_view> bearer_token(std::string_view header) {
    constexpr std::string_view kScheme = "Bearer ";
    if (header.size() < kScheme.size() || ::strncasecmp(header.data(), kScheme.data(), kScheme.size()) != 0)
        return std::nullopt;
    const auto token = trimmed(header.substr(kScheme.size()));
    if (token.empty()) return std::nullopt;
    return token;
}

Result<std::string> percent_decoded(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        const auto byte = from_hex(text.substr(i + 1, 2));
        if (!byte || byte->size() != 1) return bad_input("'%' is not followed by two hexadecimal digits");
        decoded += static_cast<char>((*byte)[0]);
        i += 2;
    }
    return decoded;
}

}  // namespace hallmark::broker
