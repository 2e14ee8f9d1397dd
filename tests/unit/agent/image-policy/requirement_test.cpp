// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/requirement.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/expect_error.hpp"

namespace hallmark::image_policy {
namespace {

using test::expect_error;

Result<Requirement> parse(const std::string& text) {
    HALLMARK_TRY(const Json json, parse_json(text, "policy"));
    HALLMARK_TRY(const JsonObject object, JsonObject::of(json, "policy"));
    return parse_requirement(object);
}

template <class T>
T parsed(const std::string& text) {
    auto requirement = parse(text);
    EXPECT_TRUE(requirement) << requirement.error().message;
    return std::get<T>(*requirement);
}

std::string text_of(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

TEST(Requirement, ReadsEveryWayToNameKeys) {
    const auto one = parsed<SignedBy>(R"({"type":"signedBy","keyType":"GPGKeys","keyPath":"/keys/a.gpg"})");
    EXPECT_EQ(one.keys.places, std::vector<std::string>{"/keys/a.gpg"});
    EXPECT_EQ(one.identity.match, Match::kMatchRepoDigestOrExact);
    const auto several = parsed<SigstoreSigned>(
        R"({"type":"sigstoreSigned","keyPaths":["/a.pub","kbs:///default/key/1"],"signedIdentity":{"type":"matchRepository"}})");
    EXPECT_EQ(several.keys.places, (std::vector<std::string>{"/a.pub", "kbs:///default/key/1"}));
    EXPECT_EQ(several.identity.match, Match::kMatchRepository);
    const auto data = parsed<SignedBy>(R"({"type":"signedBy","keyType":"GPGKeys","keyData":"a2V5\n"})");
    EXPECT_EQ(text_of(data.keys.data.at(0)), "key");
    const auto both = parsed<SigstoreSigned>(
        R"({"type":"sigstoreSigned","keyDatas":["a2V5","-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n"]})");
    EXPECT_EQ(text_of(both.keys.data.at(0)), "key");
    EXPECT_EQ(text_of(both.keys.data.at(1)), "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n");
}

TEST(Requirement, NeedsKeysInOneWay) {
    expect_error(parse(R"({"type":"signedBy","keyType":"GPGKeys"})"), {"no key", "keyData"});
    expect_error(parse(R"({"type":"signedBy","keyType":"GPGKeys","keyPath":"/a","keyData":"a2V5"})"),
                 {"keyData", "found beside keyPath"});
    expect_error(parse(R"({"type":"signedBy","keyType":"GPGKeys","keyDatas":["a2V5"]})"), {"keyDatas", "unknown key"});
    expect_error(parse(R"({"type":"sigstoreSigned"})"), {"no key", "keyDatas"});
    expect_error(parse(R"({"type":"sigstoreSigned","keyPaths":[]})"), {"keyPaths", "0 keys"});
    expect_error(parse(R"({"type":"sigstoreSigned","keyPaths":["/a",1]})"), {"keyPaths", "expected strings"});
    expect_error(parse(R"({"type":"sigstoreSigned","keyPath":"a.pub"})"), {"'a.pub'", "absolute path"});
    expect_error(parse(R"({"type":"sigstoreSigned","keyPath":""})"), {"keyPath", "absolute path"});
    expect_error(parse(R"({"type":"sigstoreSigned","keyData":"a2V"})"), {"keyData"});
    expect_error(parse(R"({"type":"sigstoreSigned","keyData":""})"), {"keyData", "empty"});
    expect_error(parse(R"({"type":"sigstoreSigned","keyData":null})"), {"keyData", "null", "string"});
}

TEST(Requirement, RefusesWhatItCannotCheck) {
    expect_error(parse(R"({"type":"sigstoreSigned","fulcio":{},"rekorPublicKeyData":"a2V5"})"),
                 {"fulcio", "not supported"});
    expect_error(parse(R"({"type":"sigstoreSigned","pki":{}})"), {"pki", "not supported"});
    for (const auto* key : {"rekorPublicKeyPath", "rekorPublicKeyPaths", "rekorPublicKeyData", "rekorPublicKeyDatas"})
        expect_error(parse(R"({"type":"sigstoreSigned","keyData":"a2V5",")" + std::string(key) + R"(":"/a"})"),
                     {key, "not supported"});
    expect_error(parse(R"({"type":"signedBy","keyType":"X509Certificates","keyPath":"/a"})"),
                 {"keyType", "X509Certificates", "GPGKeys"});
    expect_error(parse(R"({"type":"signedBy","keyPath":"/a"})"), {"keyType", "missing"});
    expect_error(parse(R"({"type":"signedBaseLayer","baseLayerIdentity":{"type":"matchExact"}})"), {"signedBaseLayer"});
    expect_error(parse(R"({"type":"insecureAcceptAnything","keyPath":"/a"})"), {"keyPath", "unknown key"});
    expect_error(parse(R"({"type":"reject","why":1})"), {"why", "unknown key"});
    expect_error(parse(R"({"type":"sigstoreSigned","keyData":"a2V5","signedidentity":{}})"), {"unknown key"});
    expect_error(parse(R"({"type":"sigstoreSigned","keyData":"a2V5","signedIdentity":null})"), {"signedIdentity"});
    expect_error(parse("{}"), {"type", "missing"});
}

}  // namespace
}  // namespace hallmark::image_policy
