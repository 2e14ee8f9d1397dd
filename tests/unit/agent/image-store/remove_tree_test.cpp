// SPDX-License-Identifier: Apache-2.0
#include "agent/image-store/remove_tree.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "common/bytes.hpp"
#include "common/descriptor.hpp"
#include "common/file.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::store {
namespace {

using std::filesystem::path;

TEST(RemoveTree, TakesAllThatIsInItAndNothingElse) {
    const test::TemporaryFolder folder;
    const path tree = folder.path() / "tree";
    for (int outer = 0; outer < 40; ++outer) {
        const path inside = tree / std::to_string(outer) / "inside";
        std::filesystem::create_directories(inside);
        ASSERT_TRUE(write_file(inside / "file", as_bytes("x")));
        std::filesystem::create_directory(tree / std::to_string(outer) / "empty");
    }
    std::filesystem::create_directory(folder.path() / "beside");
    ASSERT_TRUE(write_file(folder.path() / "beside" / "file", as_bytes("x")));
    std::filesystem::create_symlink(folder.path() / "beside", tree / "link");
    std::filesystem::create_symlink("nowhere", tree / "1" / "link");
    const auto removed = remove_tree(tree);
    ASSERT_TRUE(removed) << removed.error().message;
    EXPECT_FALSE(std::filesystem::exists(tree));
    EXPECT_TRUE(std::filesystem::exists(folder.path() / "beside" / "file"));

    std::filesystem::create_symlink(folder.path() / "beside", tree);
    ASSERT_TRUE(remove_tree(tree));
    EXPECT_FALSE(std::filesystem::is_symlink(tree));
    EXPECT_TRUE(std::filesystem::exists(folder.path() / "beside" / "file"));
    EXPECT_TRUE(remove_tree(folder.path() / "never"));
}

/// Lets this process have few files open for a while.
class FewFiles {
public:
    FewFiles() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const rlimit few{.rlim_cur = 64, .rlim_max = before_.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &few);
    }
    FewFiles(const FewFiles&) = delete;
    FewFiles& operator=(const FewFiles&) = delete;
    ~FewFiles() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
};

TEST(RemoveTree, GoesDeeperThanFilesCanBeOpenAndPathsBeNamed) {
    const test::TemporaryFolder folder;
    const path tree = folder.path() / "tree";
    std::filesystem::create_directory(tree);
    FileDescriptor at(::open(tree.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    const std::string name(200, 'd');
    for (int level = 0; level < 100; ++level) {
        ASSERT_EQ(::mkdirat(at.get(), name.c_str(), 0755), 0);
        ASSERT_EQ(::symlinkat("x", at.get(), "l"), 0);
        at = FileDescriptor(::openat(at.get(), name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    }
    const FewFiles few;
    const auto removed = remove_tree(tree);
    ASSERT_TRUE(removed) << removed.error().message;
    EXPECT_FALSE(std::filesystem::exists(tree));
}

}  // namespace
}  // namespace hallmark::store
