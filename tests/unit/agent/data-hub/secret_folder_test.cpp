// SPDX-License-Identifier: Apache-2.0
#include "agent/data-hub/secret_folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "common/file.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::hub {
namespace {

namespace fs = std::filesystem;
using test::expect_error;

class SecretFolderTest : public ::testing::Test {
protected:
    [[nodiscard]] fs::path path() const { return top_.path() / "run" / "cdh"; }
    [[nodiscard]] static std::string text_at(const fs::path& path) {
        const Bytes bytes = read_file(path, 4096).value_or(Bytes{});
        return {bytes.begin(), bytes.end()};
    }
    static mode_t mode_of(const fs::path& path) {
        struct stat status{};
        return ::lstat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
    }

    test::TemporaryFolder top_;
    SecretFolder folder_ = SecretFolder::open(path()).value();
};

TEST_F(SecretFolderTest, WritesForItsOwnerAlone) {
    ASSERT_TRUE(folder_.write("kbs/deep/one", as_bytes("first")));
    ASSERT_TRUE(folder_.write("kbs/deep/one", as_bytes("second")));
    EXPECT_EQ(text_at(path() / "kbs/deep/one"), "second");
    EXPECT_EQ(mode_of(path() / "kbs/deep/one"), 0600U);
    EXPECT_EQ(mode_of(path() / "kbs/deep"), 0700U);
    EXPECT_EQ(mode_of(path()), 0700U);
    EXPECT_EQ(std::distance(fs::directory_iterator(path() / "kbs/deep"), {}), 1) << "nothing half-written is left";
    const auto read = folder_.read("kbs/deep/one", 6);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(std::string(read->begin(), read->end()), "second");
    expect_error(folder_.read("kbs/deep/one", 5), {"6 bytes", "at most 5"}, Fault::kNo);
}

TEST_F(SecretFolderTest, NamesBeginWithTheFolder) {
    EXPECT_EQ(folder_.name_of(path().string() + "/kbs/one").value(), "kbs/one");
    for (const std::string name : {"/etc/passwd", "", "kbs/one"})
        expect_error(folder_.name_of(name), {"leads elsewhere"});
    for (const std::string tail : {"", "/", "x/one", "/../one", "/kbs/../../one", "/kbs/./one", "/kbs//one", "/kbs/"})
        expect_error(folder_.name_of(path().string() + tail), {"leads elsewhere"});
}

TEST_F(SecretFolderTest, NoNameLeadsOut) {
    ASSERT_TRUE(write_file(top_.path() / "outside", as_bytes("outside")));
    for (const std::string name : {"../../outside", "/etc/hostname", ".", "..", "a/../../../outside", ""}) {
        expect_error(folder_.write(name, as_bytes("x")), {"leads elsewhere"});
        expect_error(folder_.read(name, 100), {"leads elsewhere"});
    }
    EXPECT_EQ(text_at(top_.path() / "outside"), "outside");
}

TEST_F(SecretFolderTest, NoLinkLeadsOut) {
    fs::create_directory(top_.path() / "other");
    ASSERT_TRUE(write_file(top_.path() / "other/one", as_bytes("outside")));
    fs::create_directory_symlink(top_.path() / "other", path() / "kbs");
    fs::create_symlink(top_.path() / "other/one", path() / "linked");
    expect_error(folder_.write("kbs/one", as_bytes("x")), {"kbs"}, Fault::kNo);
    expect_error(folder_.read("kbs/one", 100), {"kbs/one"}, Fault::kNo);
    expect_error(folder_.read("linked", 100), {"linked"}, Fault::kNo);
    // A link is replaced, not followed.
    ASSERT_TRUE(folder_.write("linked", as_bytes("inside")));
    EXPECT_EQ(text_at(path() / "linked"), "inside");
    EXPECT_EQ(text_at(top_.path() / "other/one"), "outside");
}

TEST_F(SecretFolderTest, OnlyFilesAreRead) {
    fs::create_directory(path() / "kbs");
    expect_error(folder_.read("kbs", 100), {"not a regular file"}, Fault::kNo);
    expect_error(folder_.read("none", 100), {"none", "No such file"}, Fault::kNo);
    ASSERT_EQ(::mkfifo((path() / "pipe").c_str(), 0600), 0);
    expect_error(folder_.read("pipe", 100), {"not a regular file"}, Fault::kNo);
}

}  // namespace
}  // namespace hallmark::hub
