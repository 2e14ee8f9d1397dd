// SPDX-License-Identifier: Apache-2.0
#include "relying-party/owner/key_wrap.hpp"

#include <gtest/gtest.h>

#include "common/hex.hpp"
#include "tests/support/expect_error.hpp"

namespace hallmark::owner {
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
    const auto plain = unwrap(kKey, kIv, kWrapped);
    ASSERT_TRUE(plain) << plain.error().message;
    EXPECT_TRUE(equal(plain->bytes(), kPlain));
}

TEST(KeyWrap, WhatWasChangedIsRefused) {
    for (std::size_t i = 0; i < kWrapped.size(); ++i) {
        Bytes changed = kWrapped;
        changed[i] ^= 1U;
        expect_error(unwrap(kKey, kIv, changed), {"changed"}, Fault::kNo);
    }
    Bytes other_key = kKey;
    other_key[0] ^= 1U;
    expect_error(unwrap(other_key, kIv, kWrapped), {"this key"}, Fault::kNo);
    expect_error(unwrap(kKey, Bytes(12), kWrapped), {"changed"}, Fault::kNo);
    expect_error(unwrap(kKey, kIv, ByteSpan(kWrapped).first(kWrapped.size() - 1)), {"changed"}, Fault::kNo);
}

TEST(KeyWrap, OtherSizesAreRefused) {
    expect_error(unwrap(kKey, Bytes(16), kWrapped), {"iv", "16", "12"});
    expect_error(unwrap(Bytes(16), kIv, kWrapped), {"key", "16", "32"}, Fault::kNo);
    expect_error(unwrap(kKey, kIv, Bytes(16)), {"wrapped data"});
    expect_error(unwrap(kKey, kIv, {}), {"wrapped data"});
    expect_error(wrap(Bytes(31), kPlain), {"key", "31", "32"}, Fault::kNo);
    expect_error(wrap(kKey, {}), {"wrapped data"});
}

TEST(KeyWrap, UsesAnotherVectorEachTime) {
    const auto one = wrap(kKey, kPlain);
    const auto other = wrap(kKey, kPlain);
    ASSERT_TRUE(one && other);
    EXPECT_NE(one->iv, other->iv);
    EXPECT_NE(one->data, other->data);
    EXPECT_TRUE(equal(unwrap(kKey, one->iv, one->data).value().bytes(), kPlain));
}

TEST(KeyWrap, MakesAnotherKeyEachTime) {
    const auto one = random_key();
    const auto other = random_key();
    ASSERT_TRUE(one && other);
    EXPECT_EQ(one->bytes().size(), 32U);
    EXPECT_FALSE(equal(one->bytes(), other->bytes()));
}

}  // namespace
}  // namespace hallmark::owner
