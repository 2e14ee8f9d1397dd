// SPDX-License-Identifier: Apache-2.0
// Requests as they arrive: taken apart by Boost.Beast's parser, within bounds.
// Source: RFC 9112 (HTTP/1.1), RFC 9110, sections 15.5 (client errors); WHATWG URL standard, "application/
// x-www-form-urlencoded parsing", which is what Confidential Containers reads queries by.
#pragma once

#include <cstddef>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/bytes.hpp"

namespace hallmark::rest {

inline constexpr std::size_t kLargestHead = 16 * 1024;
inline constexpr std::size_t kLargestBody = 64 * 1024;  // an event's content

struct Request {
    std::string method;
    std::string path;                               ///< in front of '?', as it came
    std::map<std::string, std::string> parameters;  ///< of the query, decoded; the last of each name
    std::string body;
};

/// "a=1&b=%32+x"; nothing where an escape is none.
std::optional<std::map<std::string, std::string>> parse_query(std::string_view query);

/// One request, piece by piece.
class RequestParser {
public:
    RequestParser();
    RequestParser(const RequestParser&) = delete;
    RequestParser& operator=(const RequestParser&) = delete;
    ~RequestParser();

    /// Status of the answer where what came is no request within the bounds: 400, 413, 431. True when it is whole.
    std::expected<bool, int> feed(ByteSpan bytes);
    /// Status 400 where its target is none. Once, after feed() said that it is whole.
    std::expected<Request, int> take();

private:
    class Parser;
    std::unique_ptr<Parser> parser_;
};

}  // namespace hallmark::rest
