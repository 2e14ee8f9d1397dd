// SPDX-License-Identifier: Apache-2.0
#include "relying-party/keys/file_master_key.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "common/file.hpp"
#include "relying-party/keys/private_file.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::keys {
namespace {

using test::expect_error;

unsigned mode_of(const std::filesystem::path& file) {
    struct stat status{};
    return ::stat(file.c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
}

TEST(FileMasterKey, IsMadeOnceAndReadAgain) {
    const test::TemporaryFolder folder;
    const auto file = folder.path() / "master";
    const auto made = create_master_key(file);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(mode_of(file), 0600U);
    EXPECT_EQ(std::filesystem::file_size(file), 32U);
    const auto bytes = read_file(file, 32);
    const auto read = read_master_key(file);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ((*read)->name(), (*made)->name());
    const auto wrapped = (*made)->wrap(Bytes(32, 7), as_bytes("here"));
    ASSERT_TRUE(wrapped);
    const auto unwrapped = (*read)->unwrap(*wrapped, as_bytes("here"));
    ASSERT_TRUE(unwrapped);
    EXPECT_TRUE(equal(unwrapped->bytes(), Bytes(32, 7)));
    expect_error(create_master_key(file), {"master", "File exists"});
    EXPECT_EQ(*read_file(file, 32), *bytes) << "a key that is there stays";
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1) << "no temporary file stays";
}

TEST(FileMasterKey, TwoKeysHaveTwoNamesAndDoNotOpenForEachOther) {
    const test::TemporaryFolder folder;
    const auto one = create_master_key(folder.path() / "one");
    const auto two = create_master_key(folder.path() / "two");
    ASSERT_TRUE(one && two);
    EXPECT_NE((*one)->name(), (*two)->name());
    expect_error((*two)->unwrap(*(*one)->wrap(Bytes(32, 7), {}), {}), {"does not open"});
}

TEST(FileMasterKey, RefusesWhatOthersCanReadAndWhatIsNoKey) {
    const test::TemporaryFolder folder;
    const auto file = folder.path() / "master";
    ASSERT_TRUE(write_file(file, Bytes(32, 7), 0640));
    expect_error(read_master_key(file), {"mode 0640", "chmod 600"});
    ASSERT_TRUE(write_file(file, Bytes(33, 7), 0600));
    expect_error(read_master_key(file), {"33 bytes", "expected 32"});
    ASSERT_TRUE(write_file(file, Bytes(5000, 7), 0600));
    expect_error(read_master_key(file), {"5000 bytes", "at most 4096"});
    ASSERT_TRUE(write_file(file, Bytes(32, 0), 0600));
    expect_error(read_master_key(file), {"all zero"});
    ASSERT_TRUE(write_file(file, {}, 0600));
    expect_error(read_master_key(file), {"0 bytes"});
    expect_error(read_master_key(folder.path()), {"not a regular file"});
    expect_error(read_master_key(folder.path() / "none"), {"No such file"});
    ASSERT_EQ(::chmod(folder.path().c_str(), 0777), 0);
    expect_error(create_master_key(folder.path() / "new"), {"mode 0777", "lets others"});
}

TEST(CredentialMasterKey, IsReadFromTheServicesFolder) {
    const test::TemporaryFolder folder;
    ASSERT_EQ(::unsetenv("CREDENTIALS_DIRECTORY"), 0);
    expect_error(credential_master_key("master"), {"$CREDENTIALS_DIRECTORY is not set", "LoadCredential="});
    ASSERT_EQ(::setenv("CREDENTIALS_DIRECTORY", folder.path().c_str(), 1), 0);
    // As systemd leaves it where an access control list names the user.
    ASSERT_TRUE(write_file(folder.path() / "master", Bytes(32, 7), 0440));
    EXPECT_TRUE(credential_master_key("master"));
    ASSERT_TRUE(write_file(folder.path() / "master", Bytes(32, 7), 0444));
    expect_error(credential_master_key("master"), {"mode 0444"});
    for (const auto name : {"", ".", "..", "../master", "a/b"})
        expect_error(credential_master_key(name), {"the name is none"});
    ASSERT_EQ(::unsetenv("CREDENTIALS_DIRECTORY"), 0);
}

}  // namespace
}  // namespace hallmark::keys
