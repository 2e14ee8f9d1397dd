// SPDX-License-Identifier: Apache-2.0
#include "agent/rest/request.hpp"

#include <gtest/gtest.h>

#include <string>

namespace hallmark::rest {
namespace {

/// In pieces of that size; the status of a refusal, -1 where more is expected.
std::expected<Request, int> read(std::string_view text, std::size_t piece) {
    RequestParser parser;
    for (; !text.empty(); text = text.substr(std::min(piece, text.size()))) {
        const auto whole = parser.feed(as_bytes(text.substr(0, piece)));
        if (!whole) return std::unexpected(whole.error());
        if (*whole) return parser.take();
    }
    return std::unexpected(-1);
}

TEST(RestRequest, IsReadInPiecesOfAnySize) {
    const std::string get = "GET /aa/evidence?runtime_data=a%20b&x&x=2 HTTP/1.1\r\nHost: localhost\r\n\r\n";
    const std::string post = "POST /aa/aael HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello";
    const std::string chunked =
        "POST /aa/aael HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n";
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{4096}}) {
        const auto one = read(get, piece);
        ASSERT_TRUE(one) << one.error();
        EXPECT_EQ(one->method, "GET");
        EXPECT_EQ(one->path, "/aa/evidence");
        EXPECT_EQ(one->parameters, (std::map<std::string, std::string>{{"runtime_data", "a b"}, {"x", "2"}}));
        for (const auto& text : {post, chunked}) {
            const auto two = read(text, piece);
            ASSERT_TRUE(two) << two.error();
            EXPECT_EQ(two->method, "POST");
            EXPECT_EQ(two->body, "hello");
        }
    }
}

TEST(RestRequest, WhatIsNoneIsRefused) {
    for (const std::string text :
         {"\r\n\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\nbroken\r\n\r\n",
          "\x16\x03\x01\x02\x01\x01\x01", "GET http://x/info HTTP/1.1\r\n\r\n", "GET * HTTP/1.1\r\n\r\n",
          "GET /?a=%4 HTTP/1.1\r\n\r\n", "GET /?a=%zz HTTP/1.1\r\n\r\n",
          "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
          "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
          "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"}) {
        const auto request = read(text, 4096);
        ASSERT_FALSE(request) << text;
        EXPECT_EQ(request.error(), 400) << text;
    }
    EXPECT_EQ(read("GET / HTTP/1.1\r\nHost: x\r\n", 4096).error(), -1) << "it is not whole yet";
}

TEST(RestRequest, IsBounded) {
    const std::string body(kLargestBody + 1, 'x');
    const auto post = [](std::size_t size) {
        return "POST / HTTP/1.1\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
    };
    EXPECT_TRUE(read(post(kLargestBody) + body.substr(1), 4096));
    EXPECT_EQ(read(post(kLargestBody + 1), 4096).error(), 413);
    const std::string chunk = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n" + body + "\r\n0\r\n\r\n";
    EXPECT_EQ(read(chunk, 4096).error(), 413);
    EXPECT_EQ(read("GET / HTTP/1.1\r\nX: " + std::string(kLargestHead, 'x') + "\r\n\r\n", 4096).error(), 431);
    EXPECT_EQ(read("GET /" + std::string(kLargestHead, 'x') + " HTTP/1.1\r\n\r\n", 4096).error(), 431);
}

}  // namespace
}  // namespace hallmark::rest
