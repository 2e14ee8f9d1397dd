// SPDX-License-Identifier: Apache-2.0
#include "agent/oci/digest.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/expect_error.hpp"

namespace hallmark::oci {
namespace {

// FIPS 180-4's examples for "abc".
const std::string kAbc256 = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const std::string kAbc512 =
    "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";

TEST(Digest, NamesTheBytes) {
    EXPECT_EQ(Digest::of(as_bytes("abc")).text(), kAbc256);
    EXPECT_EQ(Digest::of(as_bytes("abc"), Algorithm::kSha512).text(), kAbc512);
}

TEST(Digest, ComesBackAsItWas) {
    for (const auto& text : {kAbc256, kAbc512}) {
        const auto digest = Digest::parse(text);
        ASSERT_TRUE(digest) << digest.error().message;
        EXPECT_EQ(digest->text(), text);
    }
    EXPECT_EQ(*Digest::parse(kAbc256), Digest::of(as_bytes("abc")));
    EXPECT_NE(*Digest::parse(kAbc256), *Digest::parse(kAbc512));
    EXPECT_NE(Digest(), Digest::of({}));
}

TEST(Digest, RefusesWhatIsNone) {
    const std::string digits = kAbc256.substr(7);
    for (const auto& text :
         {std::string(), std::string("sha256"), std::string("sha256:"), digits, "sha384:" + digits, "SHA256:" + digits,
          "sha512:" + digits, kAbc256 + "0", kAbc256.substr(0, 70), "sha256:" + std::string(63, 'a') + "A",
          "sha256:" + std::string(63, 'a') + "g", "sha256:" + std::string(63, 'a') + '\0', std::string("sha256:\n")})
        test::expect_error(Digest::parse(text), {"expected sha256: and 64"});
}

TEST(Digester, TakesPieces) {
    for (const auto algorithm : {Algorithm::kSha256, Algorithm::kSha512}) {
        Digester digester(algorithm);
        digester.update(as_bytes("a"));
        digester.update({});
        digester.update(as_bytes("bc"));
        EXPECT_EQ(digester.finish(), Digest::of(as_bytes("abc"), algorithm));
        EXPECT_EQ(digester.finish(), Digest::of({}, algorithm));
    }
}

}  // namespace
}  // namespace hallmark::oci
