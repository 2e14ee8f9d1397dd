// SPDX-License-Identifier: Apache-2.0
#include "common/digest.hpp"

#include <gtest/gtest.h>

#include "common/hex.hpp"

namespace hallmark {
namespace {

// NIST CAVP example "abc" (FIPS 180-4 examples).
TEST(Digest, NistExamples) {
    EXPECT_EQ(to_hex(sha256(as_bytes("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(to_hex(sha384(as_bytes("abc"))),
              "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
    EXPECT_EQ(to_hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Digest, PiecesAreTheWholeAndFinishStartsAnew) {
    Hasher<Sha384> hasher;
    hasher.update(as_bytes("a"));
    hasher.update(as_bytes("bc"));
    EXPECT_EQ(hasher.finish(), sha384(as_bytes("abc")));
    hasher.update(as_bytes("abc"));
    EXPECT_EQ(hasher.finish(), sha384(as_bytes("abc")));
}

TEST(Digest, OfABeginningAndTheWhole) {
    Hasher<Sha256> hasher;
    hasher.update(as_bytes(std::string_view("ab")));
    EXPECT_EQ(hasher.so_far(), sha256(as_bytes(std::string_view("ab"))));
    hasher.update(as_bytes(std::string_view("c")));
    EXPECT_EQ(hasher.so_far(), sha256(as_bytes(std::string_view("abc"))));
    EXPECT_EQ(hasher.finish(), sha256(as_bytes(std::string_view("abc"))));
}

}  // namespace
}  // namespace hallmark
