// SPDX-License-Identifier: Apache-2.0
#include "common/jose/key_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "common/bytes.hpp"
#include "common/file.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::jose {
namespace {

TEST(KeyFile, IsMadeOnceAndForItsOwner) {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "token.pem";
    const auto made = read_or_make_key(path, SignatureAlgorithm::kEs256).value();
    struct stat status{};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_EQ(read_or_make_key(path, SignatureAlgorithm::kEs256)->public_key().thumbprint(),
              made.public_key().thumbprint());
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(KeyFile, AnotherKindOrAnOpenFileIsRefused) {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "admin.pem";
    ASSERT_FALSE(read_signing_key(path, SignatureAlgorithm::kEdDsa));
    const auto made = read_or_make_key(path, SignatureAlgorithm::kEdDsa).value();
    EXPECT_EQ(read_signing_key(path, SignatureAlgorithm::kEs256).error().message,
              path.string() + ": a key for EdDSA, expected EC on P-256 (ES256)");
    ASSERT_EQ(::chmod(path.c_str(), 0440), 0);
    EXPECT_TRUE(read_signing_key(path, SignatureAlgorithm::kEdDsa));
    for (const unsigned mode : {0644U, 0660U, 0602U}) {
        ASSERT_EQ(::chmod(path.c_str(), mode), 0);
        EXPECT_FALSE(read_signing_key(path, SignatureAlgorithm::kEdDsa)) << mode;
    }
    const auto public_path = folder.path() / "admin.pub";
    ASSERT_TRUE(write_file(public_path, as_bytes(made.public_key().to_pem().value())));
    EXPECT_EQ(read_verifying_key(public_path, SignatureAlgorithm::kEdDsa)->thumbprint(),
              made.public_key().thumbprint());
    EXPECT_FALSE(read_verifying_key(public_path, SignatureAlgorithm::kEs256));
}

}  // namespace
}  // namespace hallmark::jose
