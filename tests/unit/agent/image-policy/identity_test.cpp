// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/identity.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/expect_error.hpp"

namespace hallmark::image_policy {
namespace {

using test::expect_error;

const std::string kDigest = "sha256:" + std::string(64, 'a');
const std::string kOtherDigest = "sha256:" + std::string(64, 'b');

Result<SignedIdentity> parse(const std::string& text) {
    HALLMARK_TRY(const Json json, parse_json(text, "policy"));
    HALLMARK_TRY(const JsonObject object, JsonObject::of(json, "policy"));
    return SignedIdentity::parse(object);
}

bool accepts(const std::string& identity, const std::string& image, const std::string& signed_reference) {
    const auto parsed = parse(identity);
    EXPECT_TRUE(parsed) << parsed.error().message;
    return parsed && parsed->accepts(oci::Reference::parse(image).value(), signed_reference);
}

TEST(SignedIdentity, MatchExactTakesTheWholeName) {
    const std::string identity = R"({"type":"matchExact"})";
    EXPECT_TRUE(accepts(identity, "busybox:1", "docker.io/library/busybox:1"));
    EXPECT_TRUE(accepts(identity, "docker.io/library/busybox:1", "busybox:1"));
    EXPECT_FALSE(accepts(identity, "busybox:1", "busybox:2"));
    EXPECT_FALSE(accepts(identity, "busybox:latest", "busybox")) << "no tag is thought up for a signature";
    EXPECT_TRUE(accepts(identity, "r.example/a@" + kDigest, "r.example/a@" + kDigest));
    EXPECT_FALSE(accepts(identity, "r.example/a@" + kDigest, "r.example/a:1"));
    EXPECT_TRUE(accepts(identity, "r.example/a:1@" + kDigest, "r.example/a@" + kDigest));
    EXPECT_FALSE(accepts(identity, "r.example/a:1@" + kDigest, "r.example/a:1"));
    EXPECT_FALSE(accepts(identity, "r.example/a:1", "not a name"));
}

TEST(SignedIdentity, MatchRepoDigestOrExactIsTheDefault) {
    const std::string identity = R"({"type":"matchRepoDigestOrExact"})";
    EXPECT_EQ(SignedIdentity{}.match, parse(identity)->match);
    EXPECT_TRUE(accepts(identity, "r.example/a:1", "r.example/a:1"));
    EXPECT_FALSE(accepts(identity, "r.example/a:1", "r.example/a:2"));
    EXPECT_FALSE(accepts(identity, "r.example/a:1", "r.example/a@" + kDigest));
    EXPECT_TRUE(accepts(identity, "r.example/a@" + kDigest, "r.example/a:2"));
    EXPECT_TRUE(accepts(identity, "r.example/a@" + kDigest, "r.example/a@" + kOtherDigest));
    EXPECT_FALSE(accepts(identity, "r.example/a@" + kDigest, "r.example/a")) << "neither tag nor digest";
    EXPECT_FALSE(accepts(identity, "r.example/a@" + kDigest, "r.example/b:2"));
}

TEST(SignedIdentity, MatchRepositoryTakesAnyTag) {
    const std::string identity = R"({"type":"matchRepository"})";
    EXPECT_TRUE(accepts(identity, "r.example/a:1", "r.example/a:2"));
    EXPECT_TRUE(accepts(identity, "r.example/a:1", "r.example/a"));
    EXPECT_FALSE(accepts(identity, "r.example/a:1", "r.example/a/b"));
    EXPECT_FALSE(accepts(identity, "r.example/a:1", "r.example:5000/a:1"));
}

TEST(SignedIdentity, ExactOnesTakeWhatThePolicyTells) {
    const std::string reference = R"({"type":"exactReference","dockerReference":"r.example/a:1"})";
    EXPECT_TRUE(accepts(reference, "elsewhere.example/b:3", "r.example/a:1"));
    EXPECT_FALSE(accepts(reference, "r.example/a:2", "r.example/a:2"));
    const std::string repository = R"({"type":"exactRepository","dockerRepository":"r.example/a"})";
    EXPECT_TRUE(accepts(repository, "elsewhere.example/b:3", "r.example/a:9"));
    EXPECT_FALSE(accepts(repository, "r.example/b:1", "r.example/b:1"));
}

TEST(SignedIdentity, RemapIdentityPutsOnePrefixForAnother) {
    const std::string identity =
        R"({"type":"remapIdentity","prefix":"mirror.example:5000/r","signedPrefix":"r.example"})";
    EXPECT_TRUE(accepts(identity, "mirror.example:5000/r/team/a:1", "r.example/team/a:1"));
    EXPECT_FALSE(accepts(identity, "mirror.example:5000/r/team/a:1", "r.example/team/a:2"));
    EXPECT_TRUE(accepts(identity, "mirror.example:5000/r/team/a@" + kDigest, "r.example/team/a:2"));
    EXPECT_FALSE(accepts(identity, "mirror.example:5000/r/team/a:1", "mirror.example:5000/r/team/a:1"));
    // Another repository that only begins alike keeps its name.
    EXPECT_TRUE(accepts(identity, "mirror.example:5000/rest/a:1", "mirror.example:5000/rest/a:1"));
    EXPECT_FALSE(accepts(identity, "mirror.example:5000/rest/a:1", "r.exampleest/a:1"));
    const std::string to_docker = R"({"type":"remapIdentity","prefix":"mirror.example","signedPrefix":"docker.io"})";
    EXPECT_TRUE(accepts(to_docker, "mirror.example/library/busybox:1", "busybox:1"));
    EXPECT_FALSE(accepts(to_docker, "mirror.example/busybox:1", "busybox:1")) << "no library/ is thought up";
}

TEST(SignedIdentity, RefusesWhatItDoesNotKnow) {
    expect_error(parse("{}"), {"type", "missing"});
    expect_error(parse(R"({"type":"matchAll"})"), {"matchAll", "matchRepository"});
    expect_error(parse(R"({"type":"matchExact","dockerReference":"a:1"})"), {"dockerReference", "unknown key"});
    expect_error(parse(R"({"type":"exactReference"})"), {"dockerReference", "missing"});
    expect_error(parse(R"({"type":"exactReference","dockerReference":"a"})"), {"no tag and no digest"});
    expect_error(parse(R"({"type":"exactReference","dockerReference":"A:1"})"), {"dockerReference", "repository 'A'"});
    expect_error(parse(R"({"type":"exactRepository","dockerRepository":""})"), {"dockerRepository"});
    expect_error(parse(R"({"type":"remapIdentity","prefix":"a"})"), {"signedPrefix", "missing"});
    expect_error(parse(R"({"type":"remapIdentity","prefix":"a/","signedPrefix":"b"})"), {"prefix", "'a/'"});
    expect_error(parse(R"({"type":"remapIdentity","prefix":"a","signedPrefix":"b/c:1"})"), {"signedPrefix", "b/c:1"});
}

}  // namespace
}  // namespace hallmark::image_policy
