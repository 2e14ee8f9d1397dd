// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/lookaside.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "agent/image-policy/openpgp/message.hpp"
#include "agent/image-policy/signature_source.hpp"
#include "common/file.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::image_policy {
namespace {

using test::expect_error;

const oci::Digest kDigest = oci::Digest::of(as_bytes("{}"));

oci::Reference image(std::string_view text) { return oci::Reference::parse(text).value(); }
Result<LookasideConfig> parse(std::string_view text) { return LookasideConfig::parse(text, "a.yaml"); }

TEST(LookasideConfig, TakesTheLongestScopeThatNamesAStore) {
    const auto config = parse(
        "default-docker:\n  sigstore: file:///default/\n"
        "docker:\n"
        "  r.example:\n    lookaside: https://store.example/r\n    sigstore: https://old.example\n"
        "  r.example/team:\n    lookaside-staging: file:///written\n"
        "  r.example/team/app:1:\n    lookaside: http://store.example/one\n    use-sigstore-attachments: true\n");
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->store_of(image("busybox")), "file:///default");
    EXPECT_EQ(config->store_of(image("r.example/app:1")), "https://store.example/r");
    EXPECT_EQ(config->store_of(image("r.example/team/app:2")), "https://store.example/r");
    EXPECT_EQ(config->store_of(image("r.example/team/app:1")), "http://store.example/one");
}

TEST(LookasideConfig, MayNameNoStore) {
    for (const auto* text : {"", "default-docker:\n", "docker:\n", "docker:\n  r.example:\n"}) {
        const auto config = parse(text);
        ASSERT_TRUE(config) << text << ": " << config.error().message;
        EXPECT_EQ(config->store_of(image("r.example/app")), "");
    }
}

TEST(LookasideConfig, RefusesWhatItDoesNotKnow) {
    expect_error(parse("more: 1"), {"more", "unknown key"});
    expect_error(parse("default-docker:\n  lookasides: file:///a"), {"default-docker.lookasides", "unknown key"});
    expect_error(parse("default-docker: file:///a"), {"default-docker", "string", "object"});
    expect_error(parse("default-docker:\n  lookaside:\n"), {"lookaside", "null", "string"});
    for (const auto* store : {"a/b", "file://host/a", "ftp://a", "https://a?b", "kbs:///a/b/c"})
        expect_error(parse("default-docker:\n  lookaside: " + std::string(store)),
                     {"default-docker.lookaside", store, "https://"});
    expect_error(parse("docker:\n  a:\n    use-sigstore-attachments: yes"), {"'yes'", "true or false"});
}

TEST(LookasideSignatures, ReadsFilesUntilOneIsMissing) {
    const test::TemporaryFolder folder;
    const auto place = folder.path() / ("team/app@sha256=" + kDigest.hex());
    std::filesystem::create_directories(place);
    const std::string store = "file://" + folder.path().string();
    EXPECT_TRUE(lookaside_signatures(store, image("r.example/team/app:1"), kDigest, {})->empty());
    for (const auto* name : {"signature-1", "signature-2", "signature-4"})
        ASSERT_TRUE(write_file(place / name, as_bytes(name)));
    const auto found = lookaside_signatures(store, image("r.example/team/app:1"), kDigest, {});
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ(found->size(), 2U);
    EXPECT_TRUE(equal((*found)[1], as_bytes("signature-2")));
    ASSERT_TRUE(write_file(place / "signature-3", Bytes(openpgp::kLargestMessage + 1)));
    expect_error(lookaside_signatures(store, image("r.example/team/app:1"), kDigest, {}), {"signature-3", "65536"});
}

TEST(LookasideSignatures, AsksOtherStores) {
    const auto none = lookaside_signatures("https://s.example/x", image("busybox"), kDigest, {});
    expect_error(none, {"https://s.example/x", "nobody here"}, Fault::kNo);
    std::vector<std::string> asked;
    const FetchUrl fetch = [&](const std::string& url, std::size_t limit) -> Result<std::optional<Bytes>> {
        EXPECT_EQ(limit, openpgp::kLargestMessage);
        asked.push_back(url);
        if (asked.size() == 2) return std::optional<Bytes>();
        return std::optional(Bytes{1});
    };
    EXPECT_EQ(lookaside_signatures("https://s.example/x", image("busybox"), kDigest, fetch)->size(), 1U);
    const std::string begin = "https://s.example/x/library/busybox@sha256=" + kDigest.hex() + "/signature-";
    EXPECT_EQ(asked, (std::vector<std::string>{begin + "1", begin + "2"}));
    const FetchUrl broken = [](const std::string&, std::size_t) -> Result<std::optional<Bytes>> {
        return refused("status 500");
    };
    expect_error(lookaside_signatures("https://s.example", image("busybox"), kDigest, broken), {"500"}, Fault::kNo);
}

/// A store without an end is not followed for ever: the verdict refuses so many.
TEST(LookasideSignatures, EndsBehindTheLimit) {
    const FetchUrl endless = [](const std::string&, std::size_t) -> Result<std::optional<Bytes>> {
        return std::optional(Bytes{1});
    };
    EXPECT_EQ(lookaside_signatures("https://s.example", image("busybox"), kDigest, endless)->size(),
              kMostSignatures + 1);
}

}  // namespace
}  // namespace hallmark::image_policy
