// SPDX-License-Identifier: Apache-2.0
#include "relying-party/keys/resource_path.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/expect_error.hpp"

namespace hallmark::keys {
namespace {

using test::expect_error;

TEST(ResourcePath, HasThreeSegments) {
    const auto path = ResourcePath::parse("default/key/a-B_9.pem..1");
    ASSERT_TRUE(path) << path.error().message;
    EXPECT_EQ(path->repository, "default");
    EXPECT_EQ(path->type, "key");
    EXPECT_EQ(path->tag, "a-B_9.pem..1");
    EXPECT_EQ(path->text(), "default/key/a-B_9.pem..1");
    EXPECT_TRUE(ResourcePath::parse("-/_/0"));
}

TEST(ResourcePath, RefusesAnotherNumberOfSegments) {
    expect_error(ResourcePath::parse(""), {"1 segments", "expected 3"});
    expect_error(ResourcePath::parse("a/b"), {"2 segments", "expected 3"});
    expect_error(ResourcePath::parse("a/b/c/d"), {"more than 3", "expected 3"});
    expect_error(ResourcePath::parse("a/b/c/"), {"more than 3", "expected 3"});
    expect_error(ResourcePath::parse("/a/b/c"), {"more than 3", "expected 3"});
    expect_error(ResourcePath::parse("a//c"), {"segment 2 of 0 bytes"});
    expect_error(ResourcePath::parse("//"), {"segment 1 of 0 bytes"});
}

TEST(ResourcePath, RefusesWhatCouldLeaveAFolder) {
    for (const std::string segment : {"..", ".", ".hidden", "a b", "a%2e", "a\\b", "a\nb", "é", "a:b", "~"}) {
        expect_error(ResourcePath::parse(segment + "/b/c"), {"segment 1"});
        expect_error(ResourcePath::parse("a/" + segment + "/c"), {"segment 2"});
        expect_error(ResourcePath::parse("a/b/" + segment), {"segment 3"});
    }
    expect_error(ResourcePath::parse(std::string_view("a/b/c\0d", 7)), {"segment 3"});
    expect_error(ResourcePath::parse("a/../b"), {"segment 2"});
}

TEST(ResourcePath, BoundsItsLength) {
    const std::string longest(255, 'x');
    EXPECT_TRUE(ResourcePath::parse(longest + "/" + longest + "/" + longest));
    expect_error(ResourcePath::parse("a/b/" + longest + "x"), {"segment 3 of 256 bytes", "255"});
    expect_error(ResourcePath::parse(std::string(1 << 20, '/')), {"1048576 bytes", "at most 767"});
}

TEST(ResourceUri, NamesTheSamePathWithOrWithoutAHost) {
    const ResourcePath path{"default", "key", "one"};
    for (const std::string prefix : {"kbs://", "kbs+resource://"})
        for (const std::string host :
             {"", "broker.example", "broker.example:8080", "192.0.2.1:80", "[2001:db8::1]:80"}) {
            const auto found = ResourcePath::of_uri(prefix + host + "/default/key/one");
            ASSERT_TRUE(found) << found.error().message;
            EXPECT_EQ(*found, path);
        }
}

TEST(ResourceUri, RefusesEverythingElse) {
    for (const auto uri : {"", "default/key/one", "kbs:/default/key/one", "kbs+other:///a/b/c", "http://h/a/b/c",
                           "KBS:///a/b/c", " kbs:///a/b/c"})
        expect_error(ResourcePath::of_uri(uri), {"another scheme", "kbs:///REPOSITORY/TYPE/TAG"});
    expect_error(ResourcePath::of_uri("kbs://"), {"no path"});
    expect_error(ResourcePath::of_uri("kbs://user@host/a/b/c"), {"the host is none"});
    expect_error(ResourcePath::of_uri("kbs://" + std::string(256, 'h') + "/a/b/c"), {"the host is none"});
    expect_error(ResourcePath::of_uri("kbs:///a/b"), {"2 segments"});
    expect_error(ResourcePath::of_uri("kbs:////a/b/c"), {"more than 3"});
    expect_error(ResourcePath::of_uri("kbs:///a/b/../c"), {"more than 3"});
    expect_error(ResourcePath::of_uri("kbs:///a/../c"), {"segment 2"});
    expect_error(ResourcePath::of_uri("kbs:///a/b/c?x=1"), {"segment 3"});
    expect_error(ResourcePath::of_uri("kbs:///a/b/c#x"), {"segment 3"});
    expect_error(ResourcePath::of_uri("kbs:///a/b/%63"), {"segment 3"});
}

}  // namespace
}  // namespace hallmark::keys
