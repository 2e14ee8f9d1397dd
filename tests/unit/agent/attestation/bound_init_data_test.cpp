// SPDX-License-Identifier: Apache-2.0
#include "agent/attestation/bound_init_data.hpp"

#include <gtest/gtest.h>

#include <string>

#include "common/file.hpp"
#include "common/hex.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::attestation {
namespace {

using test::expect_error;

TEST(BoundInitData, IsTheDigestOfTheFilesVeryBytes) {
    const test::TemporaryFolder folder;
    const std::string text = "version = \"0.1.0\"\nalgorithm = \"sha384\"\n[data]\n";
    const std::string path = folder.path() / "initdata.toml";
    ASSERT_TRUE(write_file(path, as_bytes(std::string_view(text))));
    const auto read = read_init_data(path);
    ASSERT_TRUE(read) << read.error().message;
    // printf 'version = "0.1.0"\nalgorithm = "sha384"\n[data]\n' | sha384sum
    EXPECT_EQ(to_hex(read->digest),
              "c2d9f12884812d609fffc5ae527195adce05b66d8c8d7d333366d5fbf01637aaf16237578dd7b7f7b7f0e0971d23bc6a");
    EXPECT_EQ(read->document, text);
    expect_error(read_init_data(folder.path() / "none"), {"none"});
    ASSERT_TRUE(write_file(path, as_bytes(std::string_view("version = 1"))));
    expect_error(read_init_data(path), {"initdata.toml", "version"});
}

TEST(BoundInitData, TakesADigestInBase64) {
    EXPECT_EQ(parse_init_data_digest("AQID")->digest, Bytes({1, 2, 3}));
    EXPECT_EQ(parse_init_data_digest("AQID")->document, std::nullopt);
    expect_error(parse_init_data_digest("*"), {"--initdata-digest"});
    expect_error(parse_init_data_digest(""), {"--initdata-digest", "1 to 64"});
    expect_error(parse_init_data_digest(std::string(88, 'A')), {"66 bytes"});
}

}  // namespace
}  // namespace hallmark::attestation
