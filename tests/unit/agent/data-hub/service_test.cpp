// SPDX-License-Identifier: Apache-2.0
#include "agent/data-hub/service.hpp"

#include <gtest/gtest.h>
#include <proto/confidential_data_hub.pb.h>
#include <proto/key_provider.pb.h>

#include <string>

#include "agent/ttrpc/messages.hpp"
#include "tests/support/fake_hub.hpp"

namespace hallmark::hub {
namespace {

using test::FakeHub;

ttrpc::Answer call(const FakeHub& fake, std::string_view service, std::string_view method, ByteSpan payload) {
    const ttrpc::Methods methods = methods_of(fake.hub(), "/nowhere/cdh-privileged.sock");
    const auto handler = methods.find(service, method);
    EXPECT_TRUE(handler) << service << " " << method;
    return (**handler)(payload, ttrpc::Call{.deadline = in(std::chrono::seconds(5))});
}
ttrpc::Answer get(const FakeHub& fake, const std::string& uri) {
    api::GetResourceRequest request;
    request.set_resourcepath(uri);
    return call(fake, "api.GetResourceService", "GetResource", ttrpc::serialise(request).bytes());
}

TEST(DataHubService, GivesResources) {
    FakeHub fake;
    fake.source().secrets["kbs:///a/b/c"] = std::string("one\0two", 7);
    const auto answer = get(fake, "kbs:///a/b/c");
    ASSERT_TRUE(answer) << answer.error().message;
    const auto message = ttrpc::parse<api::GetResourceResponse>(answer->bytes());
    ASSERT_TRUE(message);
    EXPECT_EQ(message->resource(), std::string("one\0two", 7));
}

TEST(DataHubService, FailsAsCocosDoesAndSaysWhy) {
    FakeHub fake;
    const auto denied = get(fake, "kbs:///a/b/c");
    ASSERT_FALSE(denied);
    EXPECT_EQ(denied.error().code, ttrpc::Code::kInternal);
    EXPECT_EQ(denied.error().message, "[CDH] [ERROR]: Get Resource failed: PolicyDeny: no rule of this test");
    const auto sealed = call(fake, "api.SealedSecretService", "UnsealSecret", {});
    ASSERT_FALSE(sealed);
    EXPECT_EQ(sealed.error().code, ttrpc::Code::kInternal);
    EXPECT_TRUE(sealed.error().message.starts_with("[CDH] [ERROR]: Unseal Secret failed: sealed secret: "));
    const auto unwrapped = call(fake, "keyprovider.KeyProviderService", "UnWrapKey", {});
    ASSERT_FALSE(unwrapped);
    EXPECT_TRUE(unwrapped.error().message.starts_with("[CDH] [ERROR]: UnwrapKey failed: key provider request"));
    const Bytes garbage(3, 0xff);
    const auto broken = call(fake, "api.GetResourceService", "GetResource", garbage);
    ASSERT_FALSE(broken);
    EXPECT_EQ(broken.error().code, ttrpc::Code::kInvalidArgument);
}

TEST(DataHubService, SaysWhatItDoesNotDo) {
    FakeHub fake;
    const auto answer = call(fake, "keyprovider.KeyProviderService", "WrapKey", {});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ttrpc::Code::kUnimplemented);
    EXPECT_TRUE(answer.error().message.starts_with("[CDH] [ERROR]: WrapKey")) << answer.error().message;
}

TEST(DataHubService, SaysWhereNobodyCouldMountADisk) {
    FakeHub fake;
    const auto answer = call(fake, "api.SecureMountService", "SecureMount", {});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ttrpc::Code::kUnavailable);
    EXPECT_TRUE(answer.error().message.starts_with("[CDH] [ERROR]: Secure Mount failed: ")) << answer.error().message;
}

TEST(DataHubService, SaysWhereNobodyCouldPullAnImage) {
    FakeHub fake;
    const auto answer = call(fake, "api.ImagePullService", "PullImage", {});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ttrpc::Code::kUnavailable);
    EXPECT_TRUE(answer.error().message.starts_with("[CDH] [ERROR]: Pull image failed: ")) << answer.error().message;
}

}  // namespace
}  // namespace hallmark::hub
