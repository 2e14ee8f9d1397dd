// SPDX-License-Identifier: Apache-2.0
#include "agent/registry/registries_conf.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/expect_error.hpp"

namespace hallmark::registry {
namespace {

const std::string kDigest = "@sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

Result<RegistriesConf> parsed(const std::string& text) { return RegistriesConf::parse(text, "registries.conf"); }

/// "place place…": '~' marks a mirror, '!' an insecure place; or the error.
std::string asked(const std::string& conf, const std::string& reference) {
    const auto read = parsed(conf);
    if (!read) return read.error().message;
    const auto endpoints = read->endpoints(*oci::Reference::parse(reference));
    if (!endpoints) return endpoints.error().message;
    std::string out;
    for (const auto& endpoint : *endpoints)
        out += std::string(out.empty() ? "" : " ") + (endpoint.mirror ? "~" : "") + (endpoint.insecure ? "!" : "") +
               endpoint.reference.text();
    return out;
}

TEST(RegistriesConf, LeavesOthersAlone) {
    EXPECT_EQ(asked("", "r.example/a:1"), "r.example/a:1");
    EXPECT_EQ(asked("[[registry]]\nprefix='s.example'\nlocation='t.example'\n", "r.example/a:1"), "r.example/a:1");
    EXPECT_EQ(asked("[[registry]]\nprefix='r.example/a'\nlocation='t.example/b'\n", "r.example/ab:1"),
              "r.example/ab:1");
}

// The rules and examples are those of containers-registries.conf(5), "Remapping and mirroring".
TEST(RegistriesConf, PutsLocationForPrefix) {
    const std::string conf = "[[registry]]\nprefix='example.com/foo'\nlocation='internal.example.com/bar'\n";
    EXPECT_EQ(asked(conf, "example.com/foo/myimage:latest"), "internal.example.com/bar/myimage:latest");
    EXPECT_EQ(asked(conf, "example.com/foo:1"), "internal.example.com/bar:1");
    EXPECT_EQ(asked(conf, "example.com/foo" + kDigest), "internal.example.com/bar" + kDigest);
    EXPECT_EQ(asked("[[registry]]\nlocation='r.example'\ninsecure=true\n", "r.example/a:1"), "!r.example/a:1");
}

TEST(RegistriesConf, TheLongestPrefixCounts) {
    const std::string conf =
        "[[registry]]\nprefix='r.example/a/b'\nlocation='one.example'\n"
        "[[registry]]\nprefix='r.example'\nlocation='two.example'\n"
        "[[registry]]\nprefix='*.example'\nlocation='three.example'\n";
    EXPECT_EQ(asked(conf, "r.example/a/b/c:1"), "one.example/c:1");
    EXPECT_EQ(asked(conf, "r.example/a/x:1"), "two.example/a/x:1");
    EXPECT_EQ(asked(conf, "x.y.example/a:1"), "three.example/a:1");
    EXPECT_EQ(asked(conf, "example.net/a:1"), "example.net/a:1");
}

TEST(RegistriesConf, WildcardsNameDomains) {
    const std::string conf = "[[registry]]\nprefix='*.r.example'\nblocked=true\n";
    EXPECT_NE(asked(conf, "a.r.example/x:1").find("blocks '*.r.example'"), std::string::npos);
    EXPECT_NE(asked(conf, "a.r.example:5000/x:1").find("blocks"), std::string::npos);
    EXPECT_EQ(asked(conf, "r.example/x:1"), "r.example/x:1");
    EXPECT_EQ(asked(conf, "ar.example/x:1"), "ar.example/x:1");
    EXPECT_EQ(asked(conf, "a.r.example.net/x:1"), "a.r.example.net/x:1");
    EXPECT_EQ(asked("[[registry]]\nprefix='*.r.example'\ninsecure=true\n", "a.r.example/x:1"), "!a.r.example/x:1");
}

TEST(RegistriesConf, BlocksWholeRegistries) {
    const std::string conf = "[[registry]]\nprefix='docker.io'\nblocked=true\n";
    const auto read = parsed(conf);
    ASSERT_TRUE(read);
    test::expect_error(read->endpoints(*oci::Reference::parse("busybox")), {"docker.io/library/busybox", "blocks"},
                       Fault::kNo);
    EXPECT_NE(asked("[[registry]]\nprefix='r.example'\nblocked=true\n", "r.example:5000/a:1").find("blocks"),
              std::string::npos);
}

TEST(RegistriesConf, AsksMirrorsFirst) {
    const std::string conf =
        "[[registry]]\nprefix='docker.io'\n"
        "[[registry.mirror]]\nlocation='m1.example/hub'\ninsecure=true\n"
        "[[registry.mirror]]\nlocation='m2.example'\npull-from-mirror='digest-only'\n"
        "[[registry.mirror]]\nlocation='m3.example'\npull-from-mirror='tag-only'\n";
    EXPECT_EQ(asked(conf, "busybox:1"),
              "~!m1.example/hub/library/busybox:1 ~m3.example/library/busybox:1 docker.io/library/busybox:1");
    EXPECT_EQ(asked(conf, "busybox" + kDigest), "~!m1.example/hub/library/busybox" + kDigest +
                                                    " ~m2.example/library/busybox" + kDigest +
                                                    " docker.io/library/busybox" + kDigest);
    const std::string digests =
        "[[registry]]\nprefix='r.example'\nmirror-by-digest-only=true\n[[registry.mirror]]\nlocation='m.example'\n";
    EXPECT_EQ(asked(digests, "r.example/a:1"), "r.example/a:1");
    EXPECT_EQ(asked(digests, "r.example/a" + kDigest), "~m.example/a" + kDigest + " r.example/a" + kDigest);
}

TEST(RegistriesConf, SearchesForShortNames) {
    const auto conf = parsed("unqualified-search-registries=['a.example','docker.io']\nshort-name-mode='enforcing'\n");
    ASSERT_TRUE(conf) << conf.error().message;
    const auto found = conf->candidates("busybox:1");
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 2U);
    EXPECT_EQ((*found)[0].text(), "a.example/busybox:1");
    EXPECT_EQ((*found)[1].text(), "docker.io/library/busybox:1");
    EXPECT_EQ(conf->candidates("r.example/a")->size(), 1U);
    EXPECT_EQ(parsed("")->candidates("busybox")->front().text(), "docker.io/library/busybox:latest");
}

TEST(RegistriesConf, RefusesWhatIsNone) {
    test::expect_error(parsed("[registries.search]\nregistries=['a']\n"), {"registries.conf", "registries"});
    test::expect_error(parsed("[[registry]]\nblocked=true\n"), {"line 1", "neither prefix nor location"});
    test::expect_error(parsed("[[registry]]\nlocation='https://r.example'\n"), {"line 2", "without https://"});
    test::expect_error(parsed("[[registry]]\nlocation='*.example'\n"), {"location", "expected a host"});
    test::expect_error(parsed("[[registry]]\nprefix='*.example/a'\n"), {"prefix"});
    test::expect_error(parsed("[[registry]]\nprefix='a.*.example'\n"), {"prefix"});
    test::expect_error(parsed("[[registry]]\nprefix='r.example'\n[[registry]]\nlocation='r.example'\n"), {"twice"});
    test::expect_error(parsed("[[registry]]\nprefix='r.example'\nunknown=1\n"), {"line 3", "unknown"});
    test::expect_error(parsed("[[registry]]\nprefix='r.example'\n[[registry.mirror]]\ninsecure=true\n"), {"location"});
    test::expect_error(parsed("[[registry]]\nprefix='r.example'\n[[registry.mirror]]\nlocation='m.example'\n"
                              "pull-from-mirror='never'\n"),
                       {"found 'never'", "digest-only"});
    test::expect_error(parsed("[[registry]]\nprefix='r.example'\nmirror-by-digest-only=true\n[[registry.mirror]]\n"
                              "location='m.example'\npull-from-mirror='all'\n"),
                       {"mirror-by-digest-only"});
    test::expect_error(parsed("unqualified-search-registries=['a b']\n"), {"found 'a b'"});
    EXPECT_NE(asked("[[registry]]\nprefix='r.example/a'\nlocation='t.example'\n", "r.example/a:1")
                  .find("names no repository"),
              std::string::npos);
}

}  // namespace
}  // namespace hallmark::registry
