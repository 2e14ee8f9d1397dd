// SPDX-License-Identifier: Apache-2.0
#include "agent/rest/request.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <utility>

namespace hallmark::rest {
namespace {

namespace http = boost::beast::http;

constexpr int kBadRequest = 400;
constexpr int kContentTooLarge = 413;
constexpr int kHeadTooLarge = 431;

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::optional<std::string> decoded(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            result += text[i] == '+' ? ' ' : text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? digit_of(text[i + 1]) : -1;
        const int low = high < 0 ? -1 : digit_of(text[i + 2]);
        if (low < 0) return std::nullopt;
        result += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return result;
}

int status_of(const boost::system::error_code& error) {
    if (error == http::error::body_limit) return kContentTooLarge;
    return error == http::error::header_limit ? kHeadTooLarge : kBadRequest;
}

}  // namespace

class RequestParser::Parser {
public:
    Parser() {
        parser_.header_limit(kLargestHead);
        parser_.body_limit(kLargestBody);
        parser_.eager(true);
    }

    std::expected<bool, int> feed(ByteSpan bytes) {
        append(waiting_, bytes);
        boost::system::error_code error;
        const std::size_t used = parser_.put(boost::asio::buffer(waiting_.data(), waiting_.size()), error);
        waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(used));
        if (error && error != http::error::need_more) return std::unexpected(status_of(error));
        return parser_.is_done();
    }

    std::expected<Request, int> take() {
        auto& message = parser_.get();
        const std::string_view target(message.target().data(), message.target().size());
        const auto question = target.find('?');
        auto parameters = parse_query(question == std::string_view::npos ? "" : target.substr(question + 1));
        if (!parameters || !target.starts_with('/')) return std::unexpected(kBadRequest);
        const auto method = message.method_string();
        return Request{std::string(method.data(), method.size()), std::string(target.substr(0, question)),
                       *std::move(parameters), std::move(message.body())};
    }

private:
    http::request_parser<http::string_body> parser_;
    Bytes waiting_;  ///< what the parser wants to see again with more behind it
};

RequestParser::RequestParser() : parser_(std::make_unique<Parser>()) {}
RequestParser::~RequestParser() = default;

std::expected<bool, int> RequestParser::feed(ByteSpan bytes) { return parser_->feed(bytes); }
std::expected<Request, int> RequestParser::take() { return parser_->take(); }

std::optional<std::map<std::string, std::string>> parse_query(std::string_view query) {
    std::map<std::string, std::string> parameters;
    while (!query.empty()) {
        const auto end = query.find('&');
        const auto pair = query.substr(0, end);
        query = end == std::string_view::npos ? "" : query.substr(end + 1);
        if (pair.empty()) continue;
        const auto equals = pair.find('=');
        auto name = decoded(pair.substr(0, equals));
        auto value = decoded(equals == std::string_view::npos ? "" : pair.substr(equals + 1));
        if (!name || !value) return std::nullopt;
        parameters.insert_or_assign(*std::move(name), *std::move(value));
    }
    return parameters;
}

}  // namespace hallmark::rest
