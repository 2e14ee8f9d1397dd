// SPDX-License-Identifier: Apache-2.0
// The header fields that the protocol uses, and the parts of a request's target.
// Source: RFC 6265, sections 4.1.1 and 5.4 (cookies); RFC 6750, section 2.1 (bearer tokens); RFC 3986, section 2.1.
#pragma once

#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace hallmark::broker {

inline constexpr std::string_view kSessionCookie = "kbs-session-id";

/// The value of our cookie in a Cookie header; nothing where it is not there, or there twice with two values.
std::optional<std::string_view> session_cookie(std::string_view header);

/// A Set-Cookie header that expires then.
std::string set_session_cookie(std::string_view id, std::time_t expires);

/// The token of "Bearer TOKEN"; the scheme in any case.
std::optional<std::string_view> bearer_token(std::string_view header);

/// Undoes %XX. Fault::kBadInput for anything malformed.
Result<std::string> percent_decoded(std::string_view text);

}  // namespace hallmark::broker
