// SPDX-License-Identifier: Apache-2.0
#include "agent/oci/manifest.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "agent/oci/media_types.hpp"
#include "common/json.hpp"
#include "tests/support/expect_error.hpp"

namespace hallmark::oci {
namespace {

Json descriptor(std::string_view type, char digit = 'a') {
    return Json{{"mediaType", type}, {"digest", "sha256:" + std::string(64, digit)}, {"size", 5U}};
}

Json manifest(std::string_view type = kOciManifest) {
    return Json{{"schemaVersion", 2U},
                {"mediaType", type},
                {"config", descriptor(kOciConfig, 'c')},
                {"layers", Json::array({descriptor("application/vnd.oci.image.layer.v1.tar", '1'),
                                        descriptor("application/vnd.oci.image.layer.v1.tar+zstd", '2')})},
                {"annotations", {{"k", "v"}}}};
}

Json entry(char digit, std::string_view architecture, std::string_view variant = "", std::string_view os = "linux") {
    Json json = descriptor(kOciManifest, digit);
    json["platform"] = {{"os", os}, {"architecture", architecture}};
    if (!variant.empty()) json["platform"]["variant"] = variant;
    return json;
}

Json index(std::vector<Json> entries, std::string_view type = kOciIndex) {
    return Json{{"schemaVersion", 2U}, {"mediaType", type}, {"manifests", Json(std::move(entries))}};
}

Result<Document> parsed(const Json& json, std::string_view type = "") { return parse_document(json.dump(), type, "m"); }

TEST(Manifest, IsReadInBothForms) {
    for (const auto type : {kOciManifest, kDockerManifest}) {
        const auto document = parsed(manifest(type), type);
        ASSERT_TRUE(document) << document.error().message;
        const auto& read = std::get<Manifest>(*document);
        EXPECT_EQ(read.media_type, type);
        EXPECT_EQ(read.config.digest.hex(), std::string(64, 'c'));
        ASSERT_EQ(read.layers.size(), 2U);
        EXPECT_EQ(read.layers[1].media_type, "application/vnd.oci.image.layer.v1.tar+zstd");
        EXPECT_EQ(read.annotations.at("k"), "v");
    }
}

TEST(Manifest, TypeMayStandOutsideOnly) {
    Json bare = manifest();
    bare.erase("mediaType");
    for (const auto said : {std::string_view(), kOciManifest, kDockerManifest, std::string_view("application/json")}) {
        const auto document = parsed(bare, said);
        ASSERT_TRUE(document) << document.error().message;
        EXPECT_EQ(std::get<Manifest>(*document).media_type, said == kDockerManifest ? kDockerManifest : kOciManifest);
    }
    Json bare_index = index({});
    bare_index.erase("mediaType");
    const auto document = parsed(bare_index);
    ASSERT_TRUE(document) << document.error().message;
    EXPECT_TRUE(std::holds_alternative<Index>(*document));
}

TEST(Manifest, IsNotReadInTwoWays) {
    test::expect_error(parsed(manifest(), kOciIndex), {"m: mediaType", "image.manifest", "image.index"});
    Json both = manifest();
    both["manifests"] = Json::array();
    test::expect_error(parsed(both), {"m: manifests", "two ways"});
    Json other = index({});
    other["layers"] = Json::array();
    test::expect_error(parsed(other), {"m: layers", "two ways"});
    Json bare = manifest();
    bare.erase("mediaType");
    test::expect_error(parsed(bare, kOciIndex), {"m: config", "two ways"});
    std::string twice = manifest().dump();
    twice.insert(1, R"("layers":[],)");
    test::expect_error(parse_document(twice, "", "m"), {"'layers' stands twice"});
}

TEST(Manifest, RefusesSchema1) {
    const Json signed_form{{"schemaVersion", 1U}, {"name", "a"}, {"fsLayers", Json::array()}};
    test::expect_error(parsed(signed_form), {"schema 1", "push the image again"});
    test::expect_error(parsed(manifest(), "application/vnd.docker.distribution.manifest.v1+prettyjws"), {"schema 1"});
    test::expect_error(parsed(manifest("application/vnd.docker.distribution.manifest.v1+json")), {"schema 1"});
}

TEST(Manifest, RefusesWhatIsNone) {
    for (const auto* key : {"schemaVersion", "config", "layers"}) {
        Json json = manifest();
        json.erase(key);
        test::expect_error(parsed(json), {key, "missing"});
    }
    Json newer = manifest();
    newer["schemaVersion"] = 3U;
    test::expect_error(parsed(newer), {"found 3, expected 2"});
    test::expect_error(parsed(manifest("application/json")), {"found 'application/json'"});
    test::expect_error(parse_document("[]", "", "m"), {"m: found array"});
    test::expect_error(parse_document("<html>", "", "m"), {"m: not JSON"});
    Json bad = manifest();
    bad["layers"][1]["digest"] = "sha256:\n";
    test::expect_error(parsed(bad), {"m: layers[1].digest", "'sha256:?'"});
}

TEST(Manifest, HasBounds) {
    Json many = manifest();
    many["layers"] = Json(kMostLayers, descriptor("application/vnd.oci.image.layer.v1.tar"));
    EXPECT_TRUE(parsed(many));
    many["layers"].push_back(descriptor("application/vnd.oci.image.layer.v1.tar"));
    test::expect_error(parsed(many), {"m: layers: 501 entries", "at most 500"});
    Json wide = index(std::vector<Json>(kMostManifests + 1, entry('a', "amd64")));
    test::expect_error(parsed(wide), {"m: manifests: 513 entries", "at most 512"});
    test::expect_error(parse_document(std::string(kLargestDocument + 1, ' '), "", "m"), {"4194305 bytes", "4194304"});
}

/// The digit of the manifest that is taken.
Result<std::string> chosen(std::vector<Json> entries, const Platform& platform) {
    HALLMARK_TRY(const Document document, parsed(index(std::move(entries))));
    HALLMARK_TRY(const Descriptor descriptor, choose(std::get<Index>(document), platform, "i"));
    return descriptor.digest.hex().substr(0, 1);
}

TEST(Index, TakesTheBestForThePlatform) {
    const std::vector<Json> entries = {entry('1', "arm64", "v8"), entry('2', "amd64", "", "windows"),
                                       entry('3', "amd64"),       entry('4', "amd64", "v3"),
                                       entry('5', "amd64", "v2"), entry('6', "amd64"),
                                       entry('7', "amd64", "x")};
    EXPECT_EQ(chosen(entries, {"linux", "amd64", ""}), "3");
    EXPECT_EQ(chosen(entries, {"linux", "amd64", "v2"}), "5");
    EXPECT_EQ(chosen(entries, {"linux", "amd64", "v4"}), "4");
    EXPECT_EQ(chosen(entries, {"linux", "arm64", ""}), "1");
    EXPECT_EQ(chosen(entries, {"windows", "amd64", ""}), "2");
    test::expect_error(chosen(entries, {"linux", "riscv64", ""}),
                       {"i: no image for linux/riscv64", "linux/arm64/v8", "windows/amd64"});
}

TEST(Index, FallsBackOnWhatSaysNothing) {
    EXPECT_EQ(chosen({entry('1', "arm64"), descriptor(kOciManifest, '2'), descriptor(kOciManifest, '3')},
                     {"linux", "amd64", ""}),
              "2");
    // Indexes of indexes are not followed.
    test::expect_error(chosen({descriptor(kOciIndex)}, {"linux", "amd64", ""}), {"found none"});
    test::expect_error(chosen({}, {"linux", "amd64", ""}), {"found none"});
}

}  // namespace
}  // namespace hallmark::oci
