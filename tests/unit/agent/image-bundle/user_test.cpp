// SPDX-License-Identifier: Apache-2.0
#include "agent/image-bundle/user.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <filesystem>
#include <string>
#include <vector>

#include "common/bytes.hpp"
#include "common/file.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::bundle {
namespace {

using test::expect_error;

const Accounts kAccounts = {
    .passwd =
        "root:x:0:0:root:/root:/bin/sh\n"
        "broken line\n"
        "half:x:7\n"
        "web:x:33:34::/srv/web:/bin/false\n"
        "1005:x:40:41::/srv/odd:/bin/false\n",
    .group =
        "root:x:0:\n"
        "web:x:34:web\n"
        "logs:x:50:mail,web\n"
        "disks:x:51:web,mail\n"
        "webber:x:52:webmaster\n",
};

void expect_user(std::string_view name, std::uint32_t uid, std::uint32_t gid, const std::vector<std::uint32_t>& others,
                 std::string_view home) {
    const auto user = find_user(name, kAccounts);
    ASSERT_TRUE(user) << name << ": " << user.error().message;
    EXPECT_EQ(user->uid, uid) << name;
    EXPECT_EQ(user->gid, gid) << name;
    EXPECT_EQ(user->additional_gids, others) << name;
    EXPECT_EQ(user->home, home) << name;
}

TEST(FindUser, ReadsEveryForm) {
    expect_user("", 0, 0, {}, "/root");
    expect_user("web", 33, 34, {50, 51}, "/srv/web");
    expect_user("33", 33, 34, {50, 51}, "/srv/web");
    expect_user("web:logs", 33, 50, {}, "/srv/web");
    expect_user("web:7", 33, 7, {}, "/srv/web");
    expect_user("33:logs", 33, 50, {}, "/srv/web");
    expect_user("1000", 1000, 0, {}, "/");
    expect_user("1000:1001", 1000, 1001, {}, "/");
    expect_user(":logs", 0, 50, {}, "/root");
    expect_user("web:", 33, 34, {50, 51}, "/srv/web");
}

TEST(FindUser, ANameBeforeANumber) { expect_user("1005", 40, 41, {}, "/srv/odd"); }

TEST(FindUser, WithoutFilesThereAreNumbersOnly) {
    const auto user = find_user("5:6", {});
    ASSERT_TRUE(user);
    EXPECT_EQ(user->uid, 5U);
    EXPECT_EQ(user->gid, 6U);
    expect_error(find_user("web", {}), {"user 'web'", "/etc/passwd"}, Fault::kNo);
}

TEST(FindUser, RefusesWhoIsNotThere) {
    expect_error(find_user("nobody", kAccounts), {"user 'nobody'"}, Fault::kNo);
    expect_error(find_user("half", kAccounts), {"user 'half'"}, Fault::kNo);
    expect_error(find_user("web:nobody", kAccounts), {"group 'nobody'", "/etc/group"}, Fault::kNo);
    // The kernel takes it for "no user": whoever becomes that user stays root.
    expect_error(find_user("4294967295", kAccounts), {"user '4294967295'"}, Fault::kNo);
    expect_error(find_user("-1", kAccounts), {"user '-1'"}, Fault::kNo);
    expect_error(find_user("0x0", kAccounts), {"user '0x0'"}, Fault::kNo);
}

TEST(ReadAccounts, StaysInsideTheRoot) {
    const test::TemporaryFolder folder;
    const auto root = folder.path() / "root";
    std::filesystem::create_directories(root / "etc");
    std::filesystem::create_directories(root / "usr");
    ASSERT_TRUE(write_file(folder.path() / "secret", as_bytes("outside")));
    ASSERT_TRUE(write_file(root / "usr" / "passwd", as_bytes("inside")));
    std::filesystem::create_symlink("/usr/passwd", root / "etc" / "passwd");
    std::filesystem::create_symlink("../../secret", root / "etc" / "group");
    const auto accounts = read_accounts(root);
    ASSERT_TRUE(accounts) << accounts.error().message;
    EXPECT_EQ(accounts->passwd, "inside");
    EXPECT_EQ(accounts->group, "");
}

TEST(ReadAccounts, TakesOnlyRegularFilesOfAnySaneSize) {
    const test::TemporaryFolder folder;
    std::filesystem::create_directories(folder.path() / "etc" / "passwd");
    expect_error(read_accounts(folder.path()), {"etc/passwd", "not a regular file"}, Fault::kNo);
    std::filesystem::remove(folder.path() / "etc" / "passwd");
    // To open a device is to have its driver do something: of one without a driver, nothing but an error.
    if (::mknod((folder.path() / "etc" / "passwd").c_str(), S_IFCHR | 0600, makedev(4095, 7)) == 0) {
        expect_error(read_accounts(folder.path()), {"etc/passwd", "not a regular file"}, Fault::kNo);
        std::filesystem::remove(folder.path() / "etc" / "passwd");
    }
    ASSERT_TRUE(write_file(folder.path() / "etc" / "passwd", Bytes(1024 * 1024 + 1, 'x')));
    expect_error(read_accounts(folder.path()), {"etc/passwd", "larger than 1 MiB"}, Fault::kNo);
}

}  // namespace
}  // namespace hallmark::bundle
