// SPDX-License-Identifier: Apache-2.0
#include "common/key-provider/key_wrap.hpp"

#include <gtest/gtest.h>

#include "common/hex.hpp"
#include "tests/support/expect_error.hpp"

namespace hallmark::key_provider {
namespace {

using test::expect_error;

// McGrew and Viega, "The Galois/Counter Mode of Operation (GCM)", test case 15: AES-256, 96 bits of initialisation
// vector, no additional data.
const Bytes kKey = from_hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308").value();
const Bytes kIv = from_hex("cafebabefacedbaddecaf888").value();
const Bytes kPlain =
    from_hex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
        "b16aedf5aa0de657ba637b391aafd255")
        .value();
const Bytes kWrapped =
    from_hex(
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
        "c5f61e6393ba7a0abcc9f662898015adb094dac5d93471bdec1a502270e3cc6c")
        .value();

TEST(KeyWrap, UnwrapsTheVectorOfItsAuthors) {
    const auto plain = unwrap(WrapType::kA256Gcm, kKey, kIv, kWrapped);
    ASSERT_TRUE(plain) << plain.error().message;
    EXPECT_TRUE(equal(plain->bytes(), kPlain));
}

TEST(KeyWrap, WhatWasChangedIsRefused) {
    for (std::size_t i = 0; i < kWrapped.size(); ++i) {
        Bytes changed = kWrapped;
        changed[i] ^= 1U;
        expect_error(unwrap(WrapType::kA256Gcm, kKey, kIv, changed), {"changed"}, Fault::kNo);
    }
    Bytes other_key = kKey;
    other_key[0] ^= 1U;
    expect_error(unwrap(WrapType::kA256Gcm, other_key, kIv, kWrapped), {"this key"}, Fault::kNo);
    expect_error(unwrap(WrapType::kA256Gcm, kKey, Bytes(12), kWrapped), {"changed"}, Fault::kNo);
    expect_error(unwrap(WrapType::kA256Gcm, kKey, kIv, ByteSpan(kWrapped).first(kWrapped.size() - 1)), {"changed"},
                 Fault::kNo);
}

TEST(KeyWrap, OtherSizesAreRefused) {
    expect_error(unwrap(WrapType::kA256Gcm, kKey, Bytes(16), kWrapped), {"iv", "16", "12"});
    expect_error(unwrap(WrapType::kA256Gcm, Bytes(16), kIv, kWrapped), {"key", "16", "32"}, Fault::kNo);
    expect_error(unwrap(WrapType::kA256Gcm, kKey, kIv, Bytes(16)), {"wrapped data"});
    expect_error(unwrap(WrapType::kA256Gcm, kKey, kIv, {}), {"wrapped data"});
    expect_error(wrap(Bytes(31), kPlain), {"key", "31", "32"}, Fault::kNo);
    expect_error(wrap(kKey, {}), {"wrapped data"});
}

// NIST SP 800-38A, F.5.6 (CTR-AES256.Decrypt).
TEST(KeyWrap, UnwrapsTheCounterModeOfItsStandard) {
    const Bytes key = from_hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4").value();
    const Bytes counter = from_hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff").value();
    const Bytes wrapped = from_hex("601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5").value();
    const auto plain = unwrap(WrapType::kA256Ctr, key, counter, wrapped);
    ASSERT_TRUE(plain) << plain.error().message;
    EXPECT_TRUE(
        equal(plain->bytes(), from_hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51").value()));
    expect_error(unwrap(WrapType::kA256Ctr, key, kIv, wrapped), {"iv", "12", "16"});
    expect_error(unwrap(WrapType::kA256Ctr, Bytes(16), counter, wrapped), {"key", "16", "32"}, Fault::kNo);
    expect_error(unwrap(WrapType::kA256Ctr, key, counter, {}), {"wrapped data"});
}

TEST(KeyWrap, UsesAnotherVectorEachTime) {
    const auto one = wrap(kKey, kPlain);
    const auto other = wrap(kKey, kPlain);
    ASSERT_TRUE(one && other);
    EXPECT_NE(one->iv, other->iv);
    EXPECT_NE(one->data, other->data);
    EXPECT_TRUE(equal(unwrap(WrapType::kA256Gcm, kKey, one->iv, one->data).value().bytes(), kPlain));
}

TEST(KeyWrap, MakesAnotherKeyEachTime) {
    const auto one = random_key();
    const auto other = random_key();
    ASSERT_TRUE(one && other);
    EXPECT_EQ(one->bytes().size(), 32U);
    EXPECT_FALSE(equal(one->bytes(), other->bytes()));
}

}  // namespace
}  // namespace hallmark::key_provider
