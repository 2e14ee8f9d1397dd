// SPDX-License-Identifier: Apache-2.0
#include "agent/layers/decryptor.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "common/hex.hpp"
#include "tests/support/expect_error.hpp"

namespace hallmark::layers {
namespace {

// NIST SP 800-38A, section F.5.6 (CTR-AES256.Decrypt); the HMAC is that of Python's hmac module.
const Bytes kKey = *from_hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
const Bytes kCounter = *from_hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
const Bytes kEncrypted = *from_hex(
    "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"
    "2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6");
const Bytes kPlain = *from_hex(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
const Bytes kHmac = *from_hex("c24f1318ee1ab5f6e6468f7bc85f05eafcc5abeb16d46b2955f7c22e32a73161");

Nonce nonce_of(const Bytes& bytes) {
    Nonce nonce{};
    std::ranges::copy(bytes, nonce.begin());
    return nonce;
}

PublicOptions open_options() {
    PublicOptions options;
    std::ranges::copy(kHmac, options.hmac.begin());
    return options;
}

PrivateOptions private_options(std::optional<Nonce> nonce = nonce_of(kCounter)) {
    return {.key = Secret(kKey), .digest = {}, .nonce = nonce};
}

Bytes decrypted(Decryptor& decryptor, ByteSpan encrypted, std::size_t piece) {
    Bytes plain(encrypted.size());
    for (std::size_t at = 0; at < encrypted.size(); at += piece) {
        const auto size = std::min(piece, encrypted.size() - at);
        EXPECT_TRUE(decryptor.decrypt(encrypted.subspan(at, size), std::span(plain).subspan(at, size)));
    }
    return plain;
}

TEST(Decryptor, DecryptsInPiecesOfAnySize) {
    for (const std::size_t piece : {1U, 5U, 16U, 33U, 64U}) {
        auto decryptor = Decryptor::start(open_options(), private_options());
        ASSERT_TRUE(decryptor) << decryptor.error().message;
        EXPECT_EQ(decrypted(*decryptor, kEncrypted, piece), kPlain);
        EXPECT_TRUE(decryptor->verify());
    }
}

TEST(Decryptor, TakesThePublicNonceFirst) {
    auto open = open_options();
    open.nonce = nonce_of(kCounter);
    for (auto&& other : {private_options(Nonce{}), private_options(std::nullopt)}) {
        auto decryptor = Decryptor::start(open, other);
        ASSERT_TRUE(decryptor) << decryptor.error().message;
        EXPECT_EQ(decrypted(*decryptor, kEncrypted, 64), kPlain);
    }
    test::expect_error(Decryptor::start(open_options(), private_options(std::nullopt)), {"nonce"});
}

TEST(Decryptor, SeesEveryChange) {
    for (std::size_t at = 0; at < kEncrypted.size(); at += 7) {
        auto changed = kEncrypted;
        changed[at] ^= 0x80U;
        auto decryptor = Decryptor::start(open_options(), private_options());
        (void)decrypted(*decryptor, changed, 64);
        test::expect_error(decryptor->verify(), {"HMAC"}, Fault::kNo);
    }
    auto shorter = Decryptor::start(open_options(), private_options());
    (void)decrypted(*shorter, ByteSpan(kEncrypted).first(63), 64);
    test::expect_error(shorter->verify(), {"HMAC"}, Fault::kNo);
}

}  // namespace
}  // namespace hallmark::layers
