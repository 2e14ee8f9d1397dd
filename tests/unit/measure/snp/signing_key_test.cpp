// SPDX-License-Identifier: Apache-2.0
#include "measure/snp/signing_key.hpp"

#include <gtest/gtest.h>

#include <string_view>

#include "common/file.hpp"
#include "common/hex.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::snp {
namespace {

using test::expect_error;

// The public halves of the keys in virtee/sev-snp-measure's tests/keyfile, commit 1bcf109.
constexpr std::string_view kIdKey =
    "-----BEGIN PUBLIC KEY-----\n"
    "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEsg/RocK9K2UYOnbiOQrIBfbY5eKvcl5a\n"
    "jpPPh+wCn51F6zJrBLkr63FOFPqYb4qaLJSguKswzHY1JnWUSHaJHpVP9u9YJqYj\n"
    "G6bW1/br+2jOMw4eWTlO+3CAiD3caTZL\n"
    "-----END PUBLIC KEY-----\n";

Result<PublicKey> read(std::string_view text) {
    const test::TemporaryFolder folder;
    HALLMARK_CHECK(write_file(folder.path() / "key", as_bytes(text)));
    return read_public_key(folder.path() / "key");
}

// The digest stands in tests/test_id_block.py there.
TEST(PublicKey, HasTheDigestOfAnotherTool) {
    const auto key = read(kIdKey);
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ(to_hex(digest_of(*key)),
              "870b7e35c53f8a72d0d322f75ab2af8262792aaf6579622ce4131c3f21f289e77cb0560a5e3b90b3932e674ec709cb14");
    EXPECT_EQ(key->curve, kCurveP384);
    EXPECT_TRUE(all_zero(ByteSpan(key->qx).subspan(48)));
}

TEST(PublicKey, RefusesWhatIsNone) {
    expect_error(read(""), {"key", "no EC key"});
    expect_error(read("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"), {"no EC key"});
    // A P-256 key.
    expect_error(read("-----BEGIN PUBLIC KEY-----\n"
                      "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEoPZpLlraZamjUOcZRr13O5yFZrc8\n"
                      "4XzOZLtz3BjmSIQ0nUdDTffVshIstchPeMAg8b1KB7Lh3sxnbLCUkpCUJw==\n"
                      "-----END PUBLIC KEY-----\n"),
                 {"prime256v1", "P-384"});
}

TEST(SigningKey, RefusesAPublicKey) {
    const test::TemporaryFolder folder;
    ASSERT_TRUE(write_file(folder.path() / "key", as_bytes(kIdKey)));
    expect_error(SigningKey::read(folder.path() / "key"), {"key", "private key"});
    expect_error(SigningKey::read(folder.path() / "none"), {"none", "No such file"});
}

}  // namespace
}  // namespace hallmark::snp
