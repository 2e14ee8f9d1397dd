// SPDX-License-Identifier: Apache-2.0
#include "common/kbs/broker.hpp"

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"

namespace hallmark::kbs {
namespace {

using hallmark::test::expect_error;

std::string line(std::string_view body) { return line_of(read_refusal(as_bytes(body))); }

TEST(KbsBroker, SaysWhyItRefuses) {
    EXPECT_EQ(line(R"({"type":"https://github.com/confidential-containers/kbs/errors/PolicyDeny","detail":"no rule"})"),
              "PolicyDeny: no rule");
    EXPECT_EQ(line(R"({"detail":"no type"})"), "no type");
    EXPECT_EQ(line(R"({"type":"a/B"})"), R"({"type":"a/B"})");
    EXPECT_EQ(line("Bad Gateway"), "Bad Gateway");
    EXPECT_EQ(line(""), "");
}

TEST(KbsBroker, AnAnswerIsOneBoundedLine) {
    EXPECT_EQ(line("a\nb\x1b[31m\xc2\x9b"), "a b [31m  ");
    EXPECT_EQ(line(R"({"type":"x/A\nB","detail":"c\r\nd"})"), "A B: c  d");
    EXPECT_LE(line(R"({"type":")" + std::string(5000, 't') + R"(","detail":")" + std::string(5000, 'd') + "\"}").size(),
              1200U);
    EXPECT_LE(line(std::string(100'000, 'x')).size(), 1200U);
}

TEST(KbsBroker, TakesPlainHttpOnlyWhereItIsMeant) {
    EXPECT_TRUE(check_url("https://kbs.example:8080", false));
    EXPECT_TRUE(check_url("http://127.0.0.1:8080", true));
    expect_error(check_url("http://127.0.0.1:8080", false), {"--insecure-http"});
    for (const char* url : {"", "kbs.example", "ftp://kbs.example", "HTTPS://x"})
        expect_error(check_url(url, true), {"expected https://"});
}

}  // namespace
}  // namespace hallmark::kbs
