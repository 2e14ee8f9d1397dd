// SPDX-License-Identifier: Apache-2.0
#include "common/jose/ecdh_es.hpp"

#include <gtest/gtest.h>

#include <string_view>

#include "common/base64.hpp"
#include "common/hex.hpp"
#include "common/jose/jwk.hpp"

namespace hallmark::jose {
namespace {

Secret secret_of(std::string_view hex) { return Secret(from_hex(hex).value()); }

openssl::Key key_of(std::string_view x, std::string_view y, std::string_view d = "") {
    return make_ec_key(*find_curve("P-256"), {from_base64url(x).value(), from_base64url(y).value()},
                       from_base64url(d).value())
        .value();
}

TEST(EcdhEs, TheKeyOfRfc7518AppendixC) {
    constexpr std::string_view kAlice[] = {"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
                                           "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps",
                                           "0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo"};
    constexpr std::string_view kBob[] = {"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
                                         "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
                                         "VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"};
    const auto alice = key_of(kAlice[0], kAlice[1], kAlice[2]);
    const auto bob = key_of(kBob[0], kBob[1], kBob[2]);
    const auto alice_public = key_of(kAlice[0], kAlice[1]);
    const auto bob_public = key_of(kBob[0], kBob[1]);
    for (const auto& [own, other] :
         {std::pair(alice.get(), bob_public.get()), std::pair(bob.get(), alice_public.get())}) {
        const auto agreed = agree(*own, *other).value();
        EXPECT_EQ(to_hex(agreed.bytes()), "9e56d91d817135d372834283bf84269cfb316ea3da806a48f6daa7798cfe90c4");
        const auto key = concat_kdf(agreed, "A128GCM", as_bytes("Alice"), as_bytes("Bob"), 16).value();
        EXPECT_EQ(to_base64url(key.bytes()), "VqqN6vgjbSBcIijNcacQGg");
    }
}

TEST(KeyWrap, TheVectorOfRfc3394Section46) {
    const auto with = secret_of("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    const auto key = from_hex("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f").value();
    const auto wrapped = wrap_key(with, key).value();
    EXPECT_EQ(to_hex(wrapped), "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21");
    EXPECT_TRUE(equal(unwrap_key(with, wrapped).value().bytes(), key));
}

TEST(KeyWrap, ChangedBytesAndOtherLengthsAreRefused) {
    const auto with = secret_of("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    const auto wrapped = wrap_key(with, Bytes(32, 7)).value();
    for (std::size_t i = 0; i < wrapped.size(); ++i) {
        auto changed = wrapped;
        changed[i] ^= 0x80;
        EXPECT_EQ(unwrap_key(with, changed).error().fault, Fault::kNo) << i;
    }
    for (const std::size_t size : {0U, 1U, 8U, 15U, 16U, 31U, 39U, 41U, 48U, 1024U, 5000U})
        EXPECT_FALSE(unwrap_key(with, Bytes(size, 7))) << size;
    EXPECT_FALSE(unwrap_key(secret_of("00"), wrapped));
    EXPECT_FALSE(wrap_key(secret_of("00"), Bytes(32)));
    for (const std::size_t size : {0U, 8U, 31U, 5000U}) EXPECT_FALSE(wrap_key(with, Bytes(size))) << size;
}

TEST(EcdhEs, AKeyOfAnotherCurveOrKindIsRefused) {
    const auto p256 = KeyPair::generate(KeyKind::kP256).value();
    const auto p384 = KeyPair::generate(KeyKind::kP384).value();
    const auto rsa = KeyPair::generate(KeyKind::kRsa).value();
    EXPECT_FALSE(agree(*p256.handle(), *p384.handle()));
    EXPECT_FALSE(agree(*p256.handle(), *rsa.handle()));
    EXPECT_FALSE(wrap_for_ec(*rsa.handle(), Bytes(32)));
}

}  // namespace
}  // namespace hallmark::jose
