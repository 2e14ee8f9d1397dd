// SPDX-License-Identifier: Apache-2.0
#include "agent/layer-keys/wrapped_keys.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base64.hpp"
#include "common/bytes.hpp"
#include "tests/support/expect_error.hpp"

namespace hallmark::layer_keys {
namespace {

using test::expect_error;

const std::string kKeys = "org.opencontainers.image.enc.keys.";
const std::string kOpen = "org.opencontainers.image.enc.pubopts";

std::string base64(std::string_view text) { return to_base64(as_bytes(text)); }
const std::string kPublicOptions =
    base64(R"({"cipher":"AES_256_CTR_HMAC_SHA256","hmac":")" + to_base64(Bytes(32, 7)) + R"(","cipheroptions":{}})");
const std::string kPrivateOptions = R"({"symkey":")" + to_base64(Bytes(32, 1)) + R"(","digest":"sha256:)" +
                                    std::string(64, 'a') + R"(","cipheroptions":{"nonce":")" + to_base64(Bytes(16, 2)) +
                                    R"("}})";

/// Has the key of one packet of one scheme.
class HasOne : public Unwrapper {
public:
    HasOne(std::string scheme, std::string packet) : scheme_(std::move(scheme)), packet_(std::move(packet)) {}
    [[nodiscard]] bool knows(std::string_view scheme) const override { return scheme == scheme_; }
    [[nodiscard]] Result<Secret> unwrap(ByteSpan packet) const override {
        if (std::string(packet.begin(), packet.end()) != packet_) return refused("for somebody else");
        return Secret(Bytes(kPrivateOptions.begin(), kPrivateOptions.end()));
    }

private:
    std::string scheme_;
    std::string packet_;
};

Unwrappers has(const std::string& scheme, const std::string& packet) {
    Unwrappers unwrappers;
    unwrappers.push_back(std::make_unique<HasOne>(scheme, packet));
    return unwrappers;
}

TEST(WrappedKeys, OnePacketOfSeveralSuffices) {
    const oci::Annotations annotations = {{kOpen, kPublicOptions},
                                          {kKeys + "jwe", base64("first") + "," + base64("second")},
                                          {kKeys + "provider.attestation-agent", base64("third")},
                                          {"other", "!"}};
    for (const auto& [scheme, packet] :
         {std::pair{"jwe", "second"}, std::pair{"provider.attestation-agent", "third"}}) {
        const auto key = decryption_key(annotations, has(scheme, packet));
        ASSERT_TRUE(key) << key.error().message;
        EXPECT_EQ(key->open.hmac.front(), 7);
        EXPECT_EQ(key->unwrapped.key.bytes().front(), 1);
    }
}

TEST(WrappedKeys, TheErrorHasTheReasonOfEach) {
    const oci::Annotations annotations = {
        {kOpen, kPublicOptions}, {kKeys + "jwe", base64("first")}, {kKeys + "pgp", base64("second")}};
    expect_error(decryption_key(annotations, has("jwe", "other")),
                 {"none of its wrapped keys", "jwe: for somebody else", "pgp: nobody here"}, Fault::kNo);
}

TEST(WrappedKeys, MissingAndDamagedAnnotationsAreNamed) {
    const auto nobody = has("jwe", "first");
    expect_error(decryption_key({{kKeys + "jwe", base64("first")}}, nobody), {"pubopts", "public options"});
    expect_error(decryption_key({{kOpen, kPublicOptions}}, nobody), {kKeys, "expected one"}, Fault::kNo);
    expect_error(decryption_key({{kOpen, kPublicOptions}, {kKeys + "jwe", "!"}}, nobody), {kKeys + "jwe"});
    expect_error(decryption_key({{kOpen, kPublicOptions}, {kKeys + "jwe", base64(std::string(65537, 'x'))}}, nobody),
                 {"65537 bytes", "at most 65536"});
    std::string many = base64("x");
    for (int count = 0; count < 64; ++count) many += "," + base64("x");
    expect_error(decryption_key({{kOpen, kPublicOptions}, {kKeys + "jwe", many}}, nobody), {"more than 64"});
}

}  // namespace
}  // namespace hallmark::layer_keys
