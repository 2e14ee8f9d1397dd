// SPDX-License-Identifier: Apache-2.0
// An HTTP request and its answer, as the handlers see them: no sockets, no HTTP library.
// Source: RFC 9110.
#pragma once

#include <string>
#include <string_view>

namespace hallmark::broker {

/// Borrowed for the call.
struct Request {
    std::string_view method;  ///< "GET"
    std::string_view target;  ///< path and query, as it came
    std::string_view cookie;  ///< header values; empty where there is none
    std::string_view authorization;
    std::string_view body;
    std::string_view client;  ///< the address that it came from, without port
};

struct Response {
    unsigned status = 200;
    std::string content_type = "application/json";
    std::string body{};
    std::string set_cookie{};  ///< empty: none
};

}  // namespace hallmark::broker
