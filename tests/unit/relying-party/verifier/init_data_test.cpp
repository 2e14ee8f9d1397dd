// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/init_data.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "common/hex.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_init_data.hpp"

namespace hallmark::verifier {
namespace {

// By Python's hashlib, of the document with each algorithm.
constexpr const char* kSha256 = "f30efdbdf19ca2f300628b35a738594c9df14abc99c3cf01a5b4f56e520dc1ec";
constexpr const char* kSha384 =
    "a413e223f56b56436fd4961a9d5eafe7abe702989d3ae05b1ed3dab238c34254983802c7f1d78b5de136172115e44d64";
constexpr const char* kSha512 =
    "99de7ddbe7726c45d370658a97cf4c73c4ccec7aa6cc638dda0cdb3203617f491e75885a1720f2d36c1545fbaebc76f5ba00368c2abe4493d0"
    "d81e9df3b2aff9";

/// The document with another algorithm in its text.
std::string with(std::string_view algorithm) {
    std::string text(test::kInitData);
    return text.replace(text.find("sha384"), 6, algorithm);
}

Bytes field(std::string_view digest, std::size_t size) {
    Bytes bytes = from_hex(digest).value();
    bytes.resize(size);
    return bytes;
}

TEST(VerifyInitData, ItsDigestIsFittedToTheField) {
    for (const auto& [algorithm, digest] : {std::pair{"sha256", kSha256}, {"sha384", kSha384}, {"sha512", kSha512}}) {
        for (const std::size_t size : {32U, 48U}) {
            const auto claims = verify_init_data(with(algorithm), field(digest, size));
            ASSERT_TRUE(claims) << algorithm << " " << size << ": " << claims.error().message;
            EXPECT_EQ((*claims)["policy.rego"], "package agent_policy\n");
            EXPECT_EQ((*claims)["aa.toml"], "[token_configs.kbs]\nurl = \"http://127.0.0.1:8080\"\n");
        }
    }
}

TEST(VerifyInitData, AnotherDocumentIsRefused) {
    for (const std::size_t size : {32U, 48U}) {
        for (std::size_t i = 0; i < size; ++i) {
            Bytes other = field(kSha384, size);
            other[i] ^= 1;
            test::expect_error(verify_init_data(test::kInitData, other), {"was launched with"}, Fault::kNo);
        }
        test::expect_error(verify_init_data(test::kInitData, Bytes(size)), {"was launched with"}, Fault::kNo);
        test::expect_error(verify_init_data(std::string(test::kInitData) + "\n", field(kSha384, size)),
                           {"was launched with"}, Fault::kNo);
    }
}

TEST(VerifyInitData, OtherFieldsAndTextsAreErrors) {
    test::expect_error(verify_init_data(test::kInitData, Bytes(64)), {"64 bytes"});
    test::expect_error(verify_init_data("no init-data", Bytes(32)), {"init-data"});
}

}  // namespace
}  // namespace hallmark::verifier
