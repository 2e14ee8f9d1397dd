// SPDX-License-Identifier: Apache-2.0
#include "agent/oci/descriptor.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "common/json.hpp"
#include "tests/support/expect_error.hpp"

namespace hallmark::oci {
namespace {

const std::string kDigest = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

Json valid() {
    return Json{{"mediaType", "application/vnd.oci.image.layer.v1.tar+gzip"}, {"digest", kDigest}, {"size", 3U}};
}

Result<Descriptor> parsed(const Json& json) {
    HALLMARK_TRY(const JsonObject object, JsonObject::of(json, "d"));
    return parse_descriptor(object);
}

Json with(const char* key, Json value) {
    Json json = valid();
    json[key] = std::move(value);
    return json;
}

TEST(Descriptor, IsRead) {
    Json json = valid();
    json["annotations"] = {{"a", "b"}, {"c", ""}};
    json["platform"] = {{"os", "linux"}, {"architecture", "arm64"}, {"variant", "v8"}, {"os.version", "1"}};
    json["urls"] = Json::array({"https://elsewhere.example/x"});
    json["of a later version"] = true;
    const auto descriptor = parsed(json);
    ASSERT_TRUE(descriptor) << descriptor.error().message;
    EXPECT_EQ(descriptor->media_type, "application/vnd.oci.image.layer.v1.tar+gzip");
    EXPECT_EQ(descriptor->digest.text(), kDigest);
    EXPECT_EQ(descriptor->size, 3U);
    EXPECT_EQ(descriptor->annotations, (Annotations{{"a", "b"}, {"c", ""}}));
    EXPECT_EQ(descriptor->platform, (Platform{"linux", "arm64", "v8"}));
    EXPECT_EQ(descriptor->urls.size(), 1U);
}

TEST(Descriptor, RefusesWhatIsNone) {
    for (const auto* key : {"mediaType", "digest", "size"}) {
        Json json = valid();
        json.erase(key);
        test::expect_error(parsed(json), {key, "missing"});
    }
    for (const auto* type : {"", "text", "/a", "a/", "a/b/c", "a/b\n", "a/b; c=d"})
        test::expect_error(parsed(with("mediaType", type)), {"d: mediaType", "expected a media type"});
    test::expect_error(parsed(with("digest", "sha256:0")), {"d: digest", "expected sha256:"});
    test::expect_error(parsed(with("size", -1)), {"d: size"});
    test::expect_error(parsed(with("size", 1.5)), {"d: size"});
    test::expect_error(parsed(with("size", 9223372036854775808U)), {"d: size", "2⁶³"});
    test::expect_error(parsed(with("annotations", {{"a", 1}})), {"d: annotations.a", "expected a string"});
    test::expect_error(parsed(with("urls", "x")), {"d: urls", "expected a list"});
    test::expect_error(parsed(with("urls", Json::array({1}))), {"d: urls", "strings"});
    test::expect_error(parsed(with("platform", {{"os", "linux"}})), {"d: platform.architecture", "missing"});
}

TEST(Descriptor, HasBounds) {
    Json many = Json::object();
    for (std::size_t i = 0; i < kMostAnnotations; ++i) many[std::to_string(i)] = "x";
    EXPECT_TRUE(parsed(with("annotations", many)));
    many["one more"] = "x";
    test::expect_error(parsed(with("annotations", many)), {"257 annotations", "at most 256"});
    test::expect_error(parsed(with("urls", Json(kMostUrls + 1, "x"))), {"17 entries", "at most 16"});
}

}  // namespace
}  // namespace hallmark::oci
