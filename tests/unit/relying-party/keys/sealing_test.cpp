// SPDX-License-Identifier: Apache-2.0
#include "relying-party/keys/sealing.hpp"

#include <gtest/gtest.h>

#include "common/hex.hpp"
#include "tests/support/expect_error.hpp"

namespace hallmark::keys {
namespace {

using test::expect_error;

// The Galois/Counter Mode of Operation (McGrew, Viega), appendix B, test case 16: AES-256, 96-bit IV, with AAD.
const char* const kKey = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
const char* const kIv = "cafebabefacedbaddecaf888";
const char* const kContext = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
const char* const kPlain =
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba"
    "637b39";
const char* const kCipher =
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abc"
    "c9f662";
const char* const kTag = "76fc6ece0f4e1768cddf8853bb2d551b";

Bytes hex(std::string_view text) { return *from_hex(text); }

TEST(Sealing, OpensThePublishedTestCase) {
    const auto opened = unseal(hex(kKey), hex(std::string("01") + kIv + kCipher + kTag), hex(kContext));
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(to_hex(opened->bytes()), kPlain);
}

TEST(Sealing, OpensWhatItSealed) {
    const auto key = random_key();
    ASSERT_TRUE(key);
    for (const std::string_view plain : {"", "x", "a longer secret of more than one block of the cipher"}) {
        const auto sealed = seal(key->bytes(), as_bytes(plain), as_bytes("here"));
        ASSERT_TRUE(sealed);
        EXPECT_EQ(sealed->size(), 1 + 12 + plain.size() + 16);
        const auto again = seal(key->bytes(), as_bytes(plain), as_bytes("here"));
        EXPECT_NE(*sealed, *again) << "a nonce is used once";
        const auto opened = unseal(key->bytes(), *sealed, as_bytes("here"));
        ASSERT_TRUE(opened) << opened.error().message;
        EXPECT_TRUE(equal(opened->bytes(), as_bytes(plain)));
        expect_error(unseal(key->bytes(), *sealed, as_bytes("there")), {"does not open"});
    }
}

TEST(Sealing, EveryBitCounts) {
    const auto key = random_key();
    auto sealed = seal(key->bytes(), as_bytes("secret"), as_bytes("here"));
    ASSERT_TRUE(sealed);
    for (std::size_t bit = 0; bit < sealed->size() * 8; ++bit) {
        (*sealed)[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        EXPECT_FALSE(unseal(key->bytes(), *sealed, as_bytes("here"))) << bit;
        (*sealed)[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    }
    EXPECT_TRUE(unseal(key->bytes(), *sealed, as_bytes("here")));
}

TEST(Sealing, NamesWhatIsWrong) {
    const auto key = random_key();
    expect_error(unseal(key->bytes(), Bytes(28, 1), {}), {"28 bytes", "at least 29"});
    expect_error(unseal(key->bytes(), Bytes(29, 2), {}), {"version 2", "expected 1"});
    expect_error(unseal(Bytes(16), Bytes(29, 1), {}), {"16 bytes", "expected 32"});
    expect_error(seal(Bytes(31), {}, {}), {"31 bytes", "expected 32"});
}

}  // namespace
}  // namespace hallmark::keys
