// SPDX-License-Identifier: Apache-2.0
#include "agent/layers/cipher_options.hpp"

#include <gtest/gtest.h>

#include <string>

#include "common/base64.hpp"
#include "common/json.hpp"
#include "tests/support/expect_error.hpp"

namespace hallmark::layers {
namespace {

Json open() {
    return {
        {"cipher", "AES_256_CTR_HMAC_SHA256"}, {"hmac", to_base64(Bytes(32, 5))}, {"cipheroptions", Json::object()}};
}

Json unwrapped() {
    return {{"symkey", to_base64(Bytes(32, 7))},
            {"digest", "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
            {"cipheroptions", {{"nonce", to_base64(Bytes(16, 9))}}}};
}

Json with(Json json, const char* key, const Json& value) {
    json[key] = value;
    return json;
}

Result<PublicOptions> parsed_open(const Json& json) { return parse_public_options(to_base64(as_bytes(json.dump()))); }
Result<PrivateOptions> parsed_private(const Json& json) { return parse_private_options(json.dump()); }

TEST(CipherOptions, AreRead) {
    const auto in_the_open = parsed_open(open());
    ASSERT_TRUE(in_the_open) << in_the_open.error().message;
    EXPECT_TRUE(equal(in_the_open->hmac, Bytes(32, 5)));
    EXPECT_FALSE(in_the_open->nonce);
    const auto found = parsed_private(unwrapped());
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_TRUE(equal(found->key.bytes(), Bytes(32, 7)));
    EXPECT_EQ(found->digest.text(), unwrapped()["digest"].get<std::string>());
    ASSERT_TRUE(found->nonce);
    EXPECT_TRUE(equal(*found->nonce, Bytes(16, 9)));
}

TEST(CipherOptions, MayHaveTheNonceInTheOpenOrNowhere) {
    const Json nonce = {{"nonce", to_base64(Bytes(16, 8))}};
    EXPECT_TRUE(parsed_open(with(open(), "cipheroptions", nonce))->nonce);
    for (const auto& none : {Json(nullptr), Json::object()}) {
        EXPECT_FALSE(parsed_open(with(open(), "cipheroptions", none))->nonce);
        EXPECT_FALSE(parsed_private(with(unwrapped(), "cipheroptions", none))->nonce);
    }
}

TEST(CipherOptions, AreRefusedWhereWrong) {
    test::expect_error(parse_public_options("!"), {"public options"});
    test::expect_error(parsed_open(Json::array()), {"public options"});
    test::expect_error(parsed_open(with(open(), "cipher", "AES_256_GCM\n")), {"cipher", "AES_256_CTR_HMAC_SHA256"});
    test::expect_error(parsed_open(with(open(), "hmac", to_base64(Bytes(31)))), {"hmac", "31 bytes, expected 32"});
    test::expect_error(parsed_open(with(open(), "hmac", nullptr)), {"hmac"});
    test::expect_error(parsed_open(with(open(), "more", std::string(16'384, 'x'))), {"at most 16384"});
    test::expect_error(parsed_private(with(unwrapped(), "symkey", to_base64(Bytes(16)))), {"symkey", "expected 32"});
    test::expect_error(parsed_private(with(unwrapped(), "symkey", 7)), {"symkey", "base64"});
    test::expect_error(parsed_private(with(unwrapped(), "digest", "")), {"digest", "expected sha256:"});
    test::expect_error(parsed_private(with(unwrapped(), "cipheroptions", {{"nonce", to_base64(Bytes(15))}})),
                       {"cipheroptions.nonce", "expected 16"});
    test::expect_error(parsed_private(Json::array()), {"private options"});
    test::expect_error(parse_private_options("{"), {"private options"});
}

TEST(CipherOptions, NeverShowTheKey) {
    const std::string key = to_base64(Bytes(33, 'K'));
    const auto refused = parsed_private(with(unwrapped(), "symkey", key));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message.find(key.substr(0, 4)), std::string::npos);
}

}  // namespace
}  // namespace hallmark::layers
