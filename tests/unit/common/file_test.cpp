// SPDX-License-Identifier: Apache-2.0
#include "common/file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "common/hex.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark {
namespace {

TEST(File, WrittenWholeAndReadBack) {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "file";
    ASSERT_TRUE(write_file(path, as_bytes("one"), 0600));
    ASSERT_TRUE(write_file(path, as_bytes("three"), 0600));
    EXPECT_EQ(read_file(path, 5).value(), Bytes({'t', 'h', 'r', 'e', 'e'}));
    struct stat status{};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(File, NothingIsLeftWhereItCannotBeWritten) {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "taken";
    std::filesystem::create_directory(path);
    EXPECT_FALSE(write_file(path, as_bytes("x")));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(File, RefusesWhatIsTooLargeOrNoFile) {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "file";
    ASSERT_TRUE(write_file(path, as_bytes("three")));
    EXPECT_NE(read_file(path, 4).error().message.find("expected at most 4"), std::string::npos);
    EXPECT_NE(read_file(folder.path(), 4).error().message.find("not a regular file"), std::string::npos);
    EXPECT_NE(read_file(folder.path() / "none", 4).error().message.find("No such file"), std::string::npos);
}

TEST(File, DigestOfManyBlocksIsTheDigestOfTheWhole) {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "file";
    Bytes bytes(1'000'003);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 31);
    ASSERT_TRUE(write_file(path, bytes));
    const auto digest = digest_file(path);
    ASSERT_TRUE(digest);
    EXPECT_EQ(digest->sha256, sha256(bytes));
    EXPECT_EQ(digest->size, bytes.size());
}

}  // namespace
}  // namespace hallmark
