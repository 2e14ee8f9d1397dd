// SPDX-License-Identifier: Apache-2.0
// Addresses as libcurl reads them, so that what is checked is what is asked.
// Source: RFC 3986; RFC 9110, sections 4.2 (http, https) and 10.2.2 (Location).
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"

namespace hallmark::http {

struct Url {
    std::string text;    ///< whole, in normal form
    std::string scheme;  ///< "http" or "https"
    std::string host;    ///< in lower case; an IPv6 address in brackets
    std::string port;    ///< the scheme's own where none is named

    /// An absolute one, without a user's name or password.
    static Result<Url> parse(std::string_view text);
    /// What a Location of an answer from here leads to.
    [[nodiscard]] Result<Url> follow(std::string_view location) const;

    /// Scheme, host and port are the same.
    [[nodiscard]] bool same_origin(const Url& other) const;
    /// The host is written as a local address (address.hpp) or is "localhost" or below it (RFC 6761, section 6.3).
    [[nodiscard]] bool names_local() const;
};

/// Every byte but unreserved ones as %XX, for a value of a query.
std::string escaped(std::string_view text);

}  // namespace hallmark::http
