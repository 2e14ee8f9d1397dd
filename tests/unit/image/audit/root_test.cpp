// SPDX-License-Identifier: Apache-2.0
#include "image/audit/root.hpp"

#include <gtest/gtest.h>

#include "common/file.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::audit {
namespace {

using namespace hallmark::test;

TEST(Root, ListsFilesSortedWithoutFollowingLinks) {
    const TemporaryFolder folder;
    std::filesystem::create_directories(folder.path() / "usr/lib");
    for (const auto* name : {"usr/lib/b", "usr/lib/a", "z"})
        ASSERT_TRUE(write_file(folder.path() / name, as_bytes(std::string_view("x"))));
    std::filesystem::create_symlink("usr/lib", folder.path() / "lib");
    std::filesystem::create_symlink("z", folder.path() / "link");
    const auto root = Root::open(folder.path());
    ASSERT_TRUE(root);
    const auto files = root->files();
    ASSERT_TRUE(files) << files.error().message;
    EXPECT_EQ(*files, (std::vector<std::string>{"/usr/lib/a", "/usr/lib/b", "/z"}));
    EXPECT_EQ(root->on_host("/usr/lib/a"), folder.path() / "usr/lib/a");
}

TEST(Root, FollowsLinksAsTheGuestWould) {
    const TemporaryFolder folder;
    std::filesystem::create_directories(folder.path() / "usr/lib64");
    ASSERT_TRUE(write_file(folder.path() / "usr/lib64/ld.so", as_bytes(std::string_view("x"))));
    std::filesystem::create_symlink("/usr/lib64", folder.path() / "lib64");
    std::filesystem::create_symlink("/etc/passwd", folder.path() / "hosts-file");  // the host has it, the root has not
    std::filesystem::create_symlink("../../../../../../usr/lib64/ld.so", folder.path() / "up");
    std::filesystem::create_symlink("loop", folder.path() / "loop");
    const auto root = Root::open(folder.path());
    ASSERT_TRUE(root);
    EXPECT_TRUE(root->has("/lib64/ld.so"));
    EXPECT_TRUE(root->has("/up"));
    for (const auto* name : {"/hosts-file", "/loop", "/lib64", "/none", ""}) EXPECT_FALSE(root->has(name)) << name;
}

TEST(Root, MustBeAFolder) {
    const TemporaryFolder folder;
    expect_error(Root::open(folder.path() / "none"), {"none", "No such file"});
    ASSERT_TRUE(write_file(folder.path() / "file", {}));
    expect_error(Root::open(folder.path() / "file"), {"Not a directory"});
}

}  // namespace
}  // namespace hallmark::audit
