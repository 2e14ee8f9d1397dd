// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/volume_key.hpp"

#include <gtest/gtest.h>
#include <proto/confidential_data_hub.pb.h>

#include <algorithm>
#include <expected>
#include <string>

#include "agent/ttrpc/messages.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/fake_daemon.hpp"

namespace hallmark::storage {
namespace {

std::string text_of(const Secret& secret) { return {secret.bytes().begin(), secret.bytes().end()}; }

/// Gives what comes behind the last slash or dot, as often as it says: "kbs:///a/b/32" is 32 bytes.
ttrpc::Methods methods() {
    ttrpc::Methods methods;
    methods.add("api.GetResourceService", "GetResource",
                ttrpc::unary<api::GetResourceRequest>(
                    [](const auto& request, const auto&) -> std::expected<api::GetResourceResponse, ttrpc::Failure> {
                        const std::string& uri = request.resourcepath();
                        const auto size = std::stoul(uri.substr(uri.rfind('/') + 1));
                        if (size == 0) return ttrpc::failure(ttrpc::Code::kInternal, "PolicyDeny");
                        api::GetResourceResponse response;
                        response.set_resource(std::string(size, 'r'));
                        return response;
                    }));
    methods.add("api.SealedSecretService", "UnsealSecret",
                ttrpc::unary<api::UnsealSecretRequest>(
                    [](const auto& request, const auto&) -> std::expected<api::UnsealSecretResponse, ttrpc::Failure> {
                        api::UnsealSecretResponse response;
                        response.set_plaintext(request.secret() + std::string(32, 's'));
                        return response;
                    }));
    return methods;
}

TEST(VolumeKey, IsTheBrokersOrASealedOne) {
    const test::FakeDaemon hub(methods());
    EXPECT_EQ(text_of(fetch_key(hub.socket(), "kbs:///a/b/32").value()), std::string(32, 'r'));
    EXPECT_EQ(text_of(fetch_key(hub.socket(), "sealed.x").value()), "sealed.x" + std::string(32, 's'));
}

TEST(VolumeKey, HasALength) {
    const test::FakeDaemon hub(methods());
    test::expect_error(fetch_key(hub.socket(), "kbs:///a/b/31"), {"31 bytes, expected 32 to 8192"}, Fault::kNo);
    test::expect_error(fetch_key(hub.socket(), "kbs:///a/b/8193"), {"8193 bytes, expected 32 to 8192"}, Fault::kNo);
    EXPECT_TRUE(fetch_key(hub.socket(), "kbs:///a/b/8192"));
}

TEST(VolumeKey, OrTheHubsReason) {
    const test::FakeDaemon hub(methods());
    test::expect_error(fetch_key(hub.socket(), "kbs:///a/b/0"), {"the volume's key: PolicyDeny"}, Fault::kNo);
    EXPECT_FALSE(fetch_key("/nowhere", "kbs:///a/b/32"));
}

TEST(VolumeKey, RandomOnesDiffer) {
    const auto one = random_key();
    EXPECT_EQ(one->bytes().size(), 64U);
    EXPECT_FALSE(std::ranges::equal(one->bytes(), random_key()->bytes()));
}

}  // namespace
}  // namespace hallmark::storage
