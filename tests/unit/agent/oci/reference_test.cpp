// SPDX-License-Identifier: Apache-2.0
#include "agent/oci/reference.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/expect_error.hpp"

namespace hallmark::oci {
namespace {

const std::string kDigest = "@sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

struct Case {
    const char* text;
    const char* normal;
};

// The normal forms are those of distribution/reference, ParseNormalizedNamed and TagNameOnly.
class Normal : public testing::TestWithParam<Case> {};

TEST_P(Normal, IsReached) {
    const auto reference = Reference::parse(GetParam().text);
    ASSERT_TRUE(reference) << reference.error().message;
    EXPECT_EQ(reference->text(), GetParam().normal);
    const auto again = Reference::parse(reference->text());
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(*again, *reference);
}

INSTANTIATE_TEST_SUITE_P(
    Reference, Normal,
    testing::Values(Case{"busybox", "docker.io/library/busybox:latest"},
                    Case{"busybox:1.36", "docker.io/library/busybox:1.36"},
                    Case{"team/app", "docker.io/team/app:latest"},
                    Case{"docker.io/busybox", "docker.io/library/busybox:latest"},
                    Case{"index.docker.io/library/busybox", "docker.io/library/busybox:latest"},
                    Case{"registry.example/app", "registry.example/app:latest"},
                    Case{"registry.example:5000/a/b/c:V_1.2-x", "registry.example:5000/a/b/c:V_1.2-x"},
                    Case{"localhost/app:1", "localhost/app:1"}, Case{"REGISTRY/app:1", "REGISTRY/app:1"},
                    Case{"127.0.0.1:5000/app:1", "127.0.0.1:5000/app:1"}, Case{"[::1]:5000/app:1", "[::1]:5000/app:1"},
                    Case{"[2001:db8::1]/app:1", "[2001:db8::1]/app:1"},
                    Case{"r.example/a__b/c---d/e.f_g:_", "r.example/a__b/c---d/e.f_g:_"}));

TEST(Reference, KeepsTagAndDigest) {
    const auto both = Reference::parse("r.example/app:1" + kDigest);
    ASSERT_TRUE(both) << both.error().message;
    EXPECT_EQ(both->tag, "1");
    EXPECT_EQ(both->text(), "r.example/app:1" + kDigest);
    const auto digest = Reference::parse("r.example/app" + kDigest);
    ASSERT_TRUE(digest) << digest.error().message;
    EXPECT_EQ(digest->tag, "");
    EXPECT_EQ(digest->text(), "r.example/app" + kDigest);
}

TEST(Reference, RefusesWhatIsNone) {
    const std::string nul("r.example/a\0b", 13);
    const std::string nul_in_address("[::1\0]/a", 8);
    for (const auto& text : {std::string(),
                             std::string(":1"),
                             std::string("/a"),
                             std::string("a/"),
                             std::string("r.example/"),
                             std::string("r.example//a"),
                             std::string("r.example/A"),
                             std::string("r.example/a_"),
                             std::string("r.example/a..b"),
                             std::string("r.example/a___b"),
                             std::string("r.example/a._b"),
                             std::string("r.example/../a"),
                             std::string("r.example/a b"),
                             std::string("r.example/a\n"),
                             nul,
                             nul_in_address,
                             std::string("r.example/a:"),
                             std::string("r.example/a:-1"),
                             std::string("r.example/a:1:2"),
                             "r.example/a:" + std::string(129, 'a'),
                             std::string("r.example:0/a"),
                             std::string("r.example:65536/a"),
                             std::string("r.example:/a"),
                             std::string("-r.example/a"),
                             std::string("r..example/a"),
                             std::string("[::1/a"),
                             std::string("[::g]/a"),
                             std::string("[::1]5/a"),
                             std::string("user@r.example/a"),
                             std::string("https://r.example/a"),
                             std::string("r.example/a@sha256:00"),
                             std::string("r.example/a?b"),
                             "r.example/" + std::string(246, 'a'),
                             std::string(64, 'a')})
        test::expect_error(Reference::parse(text), {"image reference '"});
    EXPECT_TRUE(Reference::parse("r.example/" + std::string(245, 'a')));
}

TEST(Reference, ShortNamesNameNoRegistry) {
    for (const auto* text : {"busybox", "team/app", "busybox:1.2", "a.b"}) EXPECT_FALSE(names_registry(text)) << text;
    for (const auto* text : {"a.b/c", "a:1/c", "localhost/c", "A/c"}) EXPECT_TRUE(names_registry(text)) << text;
}

}  // namespace
}  // namespace hallmark::oci
