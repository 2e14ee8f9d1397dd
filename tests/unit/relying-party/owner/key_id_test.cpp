// SPDX-License-Identifier: Apache-2.0
#include "relying-party/owner/key_id.hpp"

#include <gtest/gtest.h>

#include <regex>
#include <string>

#include "tests/support/expect_error.hpp"

namespace hallmark::owner {
namespace {

TEST(KeyId, InEveryFormOfCocosKeyProvider) {
    struct Form {
        const char* text;
        const char* uri;
        const char* path;
    };
    for (const auto& [text, uri, path] :
         {Form{"kbs:///b/c/d", "kbs:///b/c/d", "b/c/d"}, Form{"kbs://a/b/c/d", "kbs://a/b/c/d", "b/c/d"},
          Form{"a/b/c/d", "kbs://a/b/c/d", "b/c/d"}, Form{"10.0.0.1:8080/b/c/d", "kbs://10.0.0.1:8080/b/c/d", "b/c/d"},
          Form{"/b/c/d", "kbs:///b/c/d", "b/c/d"}, Form{"kbs+resource:///b/c/d", "kbs:///b/c/d", "b/c/d"}}) {
        const auto id = parse_key_id(text);
        ASSERT_TRUE(id) << text << ": " << id.error().message;
        EXPECT_EQ(id->uri, uri) << text;
        EXPECT_EQ(id->path.text(), path) << text;
    }
}

TEST(KeyId, OfAnythingElseIsRefused) {
    for (const char* text : {"", "/", "b/c", "/b/c", "/b/c/d/e", "kbs+pkcs11:///b/c/d", "http://a/b/c/d", "/b/../d",
                             "/b/c/d?x=1", "kbs://", "kbs:///kbs:///default/key/1", "/b/c/.d", "/b/c/d\n"})
        test::expect_error(parse_key_id(text), {"key id"});
}

TEST(KeyId, OfANewKeyIsAnotherEachTime) {
    const std::regex form(
        "kbs:///default/image-kek/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
    const auto one = new_key_id();
    const auto other = new_key_id();
    ASSERT_TRUE(one && other);
    EXPECT_TRUE(std::regex_match(one->uri, form)) << one->uri;
    EXPECT_EQ("kbs:///" + one->path.text(), one->uri);
    EXPECT_NE(one->uri, other->uri);
}

}  // namespace
}  // namespace hallmark::owner
