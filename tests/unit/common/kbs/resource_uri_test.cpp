// SPDX-License-Identifier: Apache-2.0
#include "common/kbs/resource_uri.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/expect_error.hpp"

namespace hallmark::kbs {
namespace {

using test::expect_error;

TEST(KbsResourceUri, NamesAResource) {
    for (const auto* text : {"kbs:///default/key/one", "kbs+resource:///default/key/one", "kbs://host/default/key/one",
                             "kbs://[2001:db8::1]:8080/default/key/one"}) {
        const auto uri = ResourceUri::parse(text);
        ASSERT_TRUE(uri) << text << ": " << uri.error().message;
        EXPECT_TRUE(uri->is_resource());
        EXPECT_EQ(uri->target(), "resource/default/key/one");
        EXPECT_EQ(uri->text(), "kbs:///default/key/one");
    }
}

TEST(KbsResourceUri, NamesWhatOtherPluginsHave) {
    const auto uri = ResourceUri::parse("kbs+nebula-ca:///credential?ip=192.0.2.1&name=a%20b");
    ASSERT_TRUE(uri) << uri.error().message;
    EXPECT_FALSE(uri->is_resource());
    EXPECT_EQ(uri->target(), "nebula-ca/credential?ip=192.0.2.1&name=a%20b");
    EXPECT_EQ(uri->text(), "kbs+nebula-ca:///credential?ip=192.0.2.1&name=a%20b");
    EXPECT_TRUE(ResourceUri::parse("kbs+x:///a/b/c/d/e"));
}

TEST(KbsResourceUri, RefusesEverythingElse) {
    for (const auto* text :
         {"", "default/key/one", "kbs:/default/key/one", "KBS:///a/b/c", "http://h/a/b/c", "kbsx:///a/b/c"})
        expect_error(ResourceUri::parse(text), {"another scheme"});
    for (const auto* text : {"kbs+:///a/b/c", "kbs+..:///a/b/c", "kbs+a/b:///a/b/c", "kbs+a b:///a"})
        expect_error(ResourceUri::parse(text), {"plugin"});
    expect_error(ResourceUri::parse("kbs://"), {"no path"});
    expect_error(ResourceUri::parse("kbs://user@host/a/b/c"), {"the host is none"});
    for (const auto* text : {"kbs:///a/b", "kbs:///a/b/c/d"})
        expect_error(ResourceUri::parse(text), {"a resource has 3"});
    for (const auto* text : {"kbs:///a/../c", "kbs:////b/c", "kbs:///a/b/", "kbs:///a/b/.c", "kbs:///a/b/c#d",
                             "kbs:///a/b/%63", "kbs+x:///../y", "kbs+x:///"})
        expect_error(ResourceUri::parse(text), {"segment"});
    for (const auto* text : {"kbs:///a/b/c?x y", "kbs:///a/b/c?x\r\nCookie: y", "kbs:///a/b/c?x#y"})
        expect_error(ResourceUri::parse(text), {"query"});
    expect_error(ResourceUri::parse("kbs:///a/b/c?" + std::string(3000, 'x')), {"more than 2048"});
}

}  // namespace
}  // namespace hallmark::kbs
