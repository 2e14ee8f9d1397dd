// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/stored_signatures.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/expect_error.hpp"

namespace hallmark::image_policy {
namespace {

class ListingRegistry : public AttachmentStore {
public:
    std::optional<std::string> list;

    Result<std::optional<Bytes>> manifest(const oci::Reference& /*tag*/, std::size_t /*limit*/) override {
        return std::optional<Bytes>();
    }
    Result<Bytes> blob(const oci::Reference& /*repository*/, const oci::Descriptor& /*descriptor*/) override {
        return refused("no blob");
    }
    Result<std::optional<Bytes>> signature_list(const oci::Reference& /*image*/,
                                                const oci::Digest& /*manifest*/) override {
        if (!list) return std::optional<Bytes>();
        return std::optional(Bytes(list->begin(), list->end()));
    }
};

TEST(StoredSignatures, LooksInTheRegistryAndBesideIt) {
    ListingRegistry registry;
    const FetchUrl one = [](const std::string& url, std::size_t) -> Result<std::optional<Bytes>> {
        if (!url.ends_with("/signature-1")) return std::optional<Bytes>();
        return std::optional(Bytes{9});
    };
    const auto image = oci::Reference::parse("r.example/app:1").value();
    const auto digest = oci::Digest::of(as_bytes("{}"));
    StoredSignatures nowhere({}, one, registry);
    EXPECT_TRUE(nowhere.simple_signatures(image, digest)->empty());
    EXPECT_TRUE(nowhere.sigstore_signatures(image, digest)->empty());

    const auto config = LookasideConfig::parse("default-docker:\n  lookaside: https://s.example\n", "a.yaml");
    StoredSignatures both(config.value(), one, registry);
    EXPECT_EQ(*both.simple_signatures(image, digest), (std::vector<Bytes>{{9}}));
    registry.list = R"({"signatures":[{"schemaVersion":2,"type":"atomic","content":"AQI="}]})";
    EXPECT_EQ(*both.simple_signatures(image, digest), (std::vector<Bytes>{{1, 2}, {9}}));
    EXPECT_EQ(*nowhere.simple_signatures(image, digest), (std::vector<Bytes>{{1, 2}}));
    registry.list = "<html>";
    test::expect_error(nowhere.simple_signatures(image, digest), {"r.example/app: signatures"});
    EXPECT_EQ(both.simple_signatures(image, digest).value(), (std::vector<Bytes>{{9}}));
}

}  // namespace
}  // namespace hallmark::image_policy
