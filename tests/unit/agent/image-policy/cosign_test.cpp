// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/cosign.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>

#include "agent/image-policy/payload.hpp"
#include "tests/support/expect_error.hpp"

namespace hallmark::image_policy {
namespace {

using test::expect_error;

const oci::Digest kDigest = oci::Digest::of(as_bytes("{}"));

class FakeRegistry : public AttachmentStore {
public:
    std::map<std::string, std::string> manifests;
    std::map<std::string, std::string> blobs;

    Result<std::optional<Bytes>> manifest(const oci::Reference& tag, std::size_t /*limit*/) override {
        const auto found = manifests.find(tag.text());
        if (found == manifests.end()) return std::optional<Bytes>();
        return std::optional(Bytes(found->second.begin(), found->second.end()));
    }
    Result<Bytes> blob(const oci::Reference& /*repository*/, const oci::Descriptor& descriptor) override {
        const auto& text = blobs[descriptor.digest.text()];
        return Bytes(text.begin(), text.end());
    }
    Result<std::optional<Bytes>> signature_list(const oci::Reference& /*image*/,
                                                const oci::Digest& /*manifest*/) override {
        return std::optional<Bytes>();
    }
};

std::string layer(std::string_view payload, const std::string& signature = "c2ln",
                  const std::string& type = "application/vnd.dev.cosign.simplesigning.v1+json") {
    return R"({"mediaType":")" + type + R"(","digest":")" + oci::Digest::of(as_bytes(payload)).text() + R"(","size":)" +
           std::to_string(payload.size()) + R"(,"annotations":{"dev.cosignproject.cosign/signature":")" + signature +
           R"("}})";
}

std::string manifest_of(const std::string& layers) { return R"({"schemaVersion":2,"layers":[)" + layers + "]}"; }

Result<std::vector<SigstoreSignature>> find(FakeRegistry& registry) {
    return cosign_signatures(oci::Reference::parse("r.example/app:1").value(), kDigest, registry);
}

TEST(CosignTag, IsNamedByTheDigest) {
    const auto image = oci::Reference::parse("r.example/app:1@" + kDigest.text()).value();
    EXPECT_EQ(cosign_tag(image, kDigest).text(), "r.example/app:sha256-" + kDigest.hex() + ".sig");
}

TEST(CosignSignatures, GathersLayersWithSignatures) {
    FakeRegistry registry;
    ASSERT_TRUE(find(registry)) << "no tag is no signature";
    EXPECT_TRUE(find(registry)->empty());
    registry.manifests["r.example/app:sha256-" + kDigest.hex() + ".sig"] =
        manifest_of(layer("one") + "," + layer("two", "b3RoZXI=") + "," + layer("three", "x", "text/plain"));
    for (const auto* payload : {"one", "two"}) registry.blobs[oci::Digest::of(as_bytes(payload)).text()] = payload;
    const auto found = find(registry);
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ(found->size(), 2U);
    EXPECT_TRUE(equal((*found)[1].payload, as_bytes("two")));
    EXPECT_EQ((*found)[1].signature, "b3RoZXI=");
}

TEST(CosignSignatures, RefusesAPayloadOfAnotherDigest) {
    FakeRegistry registry;
    registry.manifests["r.example/app:sha256-" + kDigest.hex() + ".sig"] = manifest_of(layer("one"));
    registry.blobs[oci::Digest::of(as_bytes("one")).text()] = "two";
    expect_error(find(registry), {"sha256-", "expected 3 bytes and sha256:"}, Fault::kNo);
    registry.blobs[oci::Digest::of(as_bytes("one")).text()] = "one more";
    expect_error(find(registry), {"8 bytes"}, Fault::kNo);
}

TEST(ParseSignatureManifest, RefusesWhatIsNone) {
    const auto parse = [](const std::string& text) { return parse_signature_manifest(as_bytes(text), "it"); };
    expect_error(parse(""), {"it", "not JSON"});
    expect_error(parse("{}"), {"layers", "missing"});
    expect_error(parse(R"({"layers":[1]})"), {"layers[0]", "object"});
    expect_error(parse(R"({"layers":[{}]})"), {"layers[0]"});
    std::string many = layer("a");
    for (std::size_t i = 0; i < kMostSignatures; ++i) many += "," + layer("a");
    expect_error(parse(manifest_of(many)), {"layers: 129", "at most 128"});
    expect_error(parse(manifest_of(layer(std::string(kLargestPayload + 1, ' ')))), {"65537 bytes", "65536"});
    expect_error(parse(std::string(kLargestSignatureManifest + 1, ' ')), {"1048577 bytes"});
}

}  // namespace
}  // namespace hallmark::image_policy
