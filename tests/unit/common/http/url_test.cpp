// SPDX-License-Identifier: Apache-2.0
#include "common/http/url.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/expect_error.hpp"

namespace hallmark::http {
namespace {

TEST(Url, IsTakenApart) {
    const auto url = Url::parse("https://Registry.EXAMPLE/v2/a?b=c");
    ASSERT_TRUE(url) << url.error().message;
    EXPECT_EQ(url->scheme, "https");
    EXPECT_EQ(url->host, "registry.example");
    EXPECT_EQ(url->port, "443");
    const auto address = Url::parse("http://[::1]:5000/");
    ASSERT_TRUE(address) << address.error().message;
    EXPECT_EQ(address->host, "[::1]");
    EXPECT_EQ(address->port, "5000");
}

TEST(Url, FollowsALocation) {
    const auto url = Url::parse("https://r.example:5000/v2/a/blobs/x?y=1");
    ASSERT_TRUE(url);
    const struct {
        const char* location;
        const char* text;
    } cases[] = {{"https://cdn.example/z?k=v", "https://cdn.example/z?k=v"},
                 {"/z", "https://r.example:5000/z"},
                 {"z", "https://r.example:5000/v2/a/blobs/z"},
                 {"//other.example/z", "https://other.example/z"},
                 {"../z", "https://r.example:5000/v2/a/z"}};
    for (const auto& [location, text] : cases) {
        const auto next = url->follow(location);
        ASSERT_TRUE(next) << location << next.error().message;
        EXPECT_EQ(next->text, text);
    }
}

TEST(Url, KnowsItsOrigin) {
    const auto url = *Url::parse("https://r.example/a");
    EXPECT_TRUE(url.same_origin(*Url::parse("https://R.example:443/b")));
    for (const auto* other : {"http://r.example/a", "https://r.example:444/a", "https://a.r.example/a"})
        EXPECT_FALSE(url.same_origin(*Url::parse(other))) << other;
}

TEST(Url, KnowsLocalNames) {
    for (const auto* text : {"http://localhost/", "http://LOCALHOST./", "http://a.localhost:5/", "http://127.0.0.1/",
                             "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://169.254.169.254/latest",
                             // As libcurl and so the connection reads them.
                             "http://2130706433/", "http://0x7f.1/", "http://127.1/"})
        EXPECT_TRUE(Url::parse(text)->names_local()) << text;
    for (const auto* text : {"http://localhost.example/", "http://r.example/", "http://192.0.2.1/"})
        EXPECT_FALSE(Url::parse(text)->names_local()) << text;
}

TEST(Url, RefusesWhatIsNone) {
    for (const auto& text :
         {std::string(), std::string("r.example"), std::string("file:///etc/passwd"), std::string("ftp://r.example/"),
          std::string("https://user@r.example/"), std::string("https://user:pass@r.example/"),
          std::string("https://r.example/a b"), std::string("https://r.example/\r\nX: y"),
          std::string("https://r.example/a\0b", 21), "https://r.example/" + std::string(9000, 'a')})
        EXPECT_FALSE(Url::parse(text)) << text;
    test::expect_error(Url::parse("https://r.example/")->follow("file:///etc/passwd"), {"expected an address"});
    test::expect_error(Url::parse("https://r.example/")->follow("//u:p@r.example/"), {"without a user's name"});
}

TEST(Url, EscapesForAQuery) { EXPECT_EQ(escaped("a:b/c d&=~_-.é"), "a%3Ab%2Fc%20d%26%3D~_-.%C3%A9"); }

}  // namespace
}  // namespace hallmark::http
