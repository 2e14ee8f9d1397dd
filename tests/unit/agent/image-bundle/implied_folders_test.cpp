// SPDX-License-Identifier: Apache-2.0
#include "agent/image-bundle/implied_folders.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/temporary.hpp"

namespace {

std::size_t looks = 0;

}  // namespace

// In place of the C library's, for the whole program: they count.
extern "C" ssize_t lgetxattr(const char* file, const char* name, void* value, size_t size) noexcept {
    ++looks;
    return ::syscall(SYS_lgetxattr, file, name, value, size);
}
extern "C" int lstat(const char* file, struct stat* status) noexcept {
    ++looks;
    return static_cast<int>(::syscall(SYS_lstat, file, status));
}

namespace hallmark::bundle {
namespace {

using std::filesystem::path;

class ImpliedFolders : public testing::Test {
protected:
    void SetUp() override {
        if (::geteuid() != 0) GTEST_SKIP() << "only root may set what overlayfs reads";
        std::filesystem::create_directory(upper_);
    }

    /// Above those that there are.
    path add_layer() {
        layers_.push_back(folder_.path() / std::to_string(layers_.size()));
        std::filesystem::create_directory(layers_.back());
        return layers_.back();
    }
    static path described(const path& folder, mode_t mode) {
        std::filesystem::create_directory(folder);
        EXPECT_EQ(::chmod(folder.c_str(), mode), 0);
        return folder;
    }
    static void mark(const path& folder, const char* name) {
        ASSERT_EQ(::lsetxattr(folder.c_str(), name, "y", 1, 0), 0) << folder;
    }
    static path implied(const path& layer, const std::string& name) {
        std::filesystem::create_directory(layer / name);
        mark(layer / name, "trusted.hallmark.implied");
        mark(layer, "trusted.hallmark.has-implied");
        return layer / name;
    }
    void complete() {
        const auto done = complete_folders(layers_, upper_);
        ASSERT_TRUE(done) << done.error().message;
    }
    /// Of a folder that was made; 0 where none was.
    [[nodiscard]] mode_t mode(const char* place) const {
        struct stat status{};
        return ::stat((upper_ / place).c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
    }

    test::TemporaryFolder folder_;
    path upper_ = folder_.path() / "upper";
    std::vector<path> layers_;
};

TEST_F(ImpliedFolders, TakeAfterTheHighestThatIsDescribedBelow) {
    described(add_layer() / "tmp", 01777);
    described(add_layer() / "tmp", 01770);
    implied(implied(add_layer(), "tmp").parent_path(), "tmp/inside");
    implied(add_layer(), "tmp");
    complete();
    EXPECT_EQ(mode("tmp"), 01770U);
    EXPECT_EQ(mode("tmp/inside"), 0755U);
}

TEST_F(ImpliedFolders, WhatALayerAboveDescribesIsLeftToIt) {
    described(add_layer() / "tmp", 01777);
    implied(add_layer(), "tmp");
    described(add_layer() / "tmp", 01770);
    complete();
    EXPECT_TRUE(std::filesystem::is_empty(upper_));
}

TEST_F(ImpliedFolders, WhatLeadsToOneIsMadeToo) {
    const path low = add_layer();
    implied(described(low / "a", 0700), "b");
    mark(low, "trusted.hallmark.has-implied");
    described(add_layer() / "a", 0711);
    complete();
    EXPECT_EQ(mode("a"), 0711U);
    EXPECT_EQ(mode("a/b"), 0755U);
}

TEST_F(ImpliedFolders, TakeAfterNothingThatIsHidden) {
    const path low = add_layer();
    for (const auto* name : {"opaque", "link", "file", "whiteout", "within"}) described(low / name, 0700);
    described(low / "within/one", 0711);
    const path hides = add_layer();
    mark(described(hides / "opaque", 0711), "trusted.overlay.opaque");
    std::filesystem::create_symlink("opaque", hides / "link");
    ASSERT_EQ(::mknod((hides / "file").c_str(), S_IFREG | 0600, 0), 0);
    ASSERT_EQ(::mknod((hides / "whiteout").c_str(), S_IFCHR | 0600, ::makedev(0, 0)), 0);
    mark(described(hides / "within", 0750), "trusted.overlay.opaque");
    const path high = add_layer();
    for (const auto* name : {"opaque", "link", "file", "whiteout", "within", "within/one"}) implied(high, name);
    complete();
    EXPECT_EQ(mode("opaque"), 0711U);
    EXPECT_EQ(mode("within"), 0750U);
    for (const auto* name : {"link", "file", "whiteout", "within/one"}) EXPECT_EQ(mode(name), 0755U) << name;
}

TEST_F(ImpliedFolders, AreNotMadeWhereALayerAboveHidesThem) {
    const path low = add_layer();
    for (const auto* name : {"opaque", "opaque/one", "link", "link/one", "whiteout"}) implied(low, name);
    const path high = add_layer();
    mark(described(high / "opaque", 0711), "trusted.overlay.opaque");
    std::filesystem::create_symlink("opaque", high / "link");
    ASSERT_EQ(::mknod((high / "whiteout").c_str(), S_IFCHR | 0600, ::makedev(0, 0)), 0);
    complete();
    EXPECT_TRUE(std::filesystem::is_empty(upper_));
}

TEST_F(ImpliedFolders, CostNoMoreThanTheFoldersThatThereAre) {
    constexpr std::size_t kFolders = 300;
    constexpr std::size_t kLayers = 100;
    const path low = add_layer();
    implied(low, "a");
    for (std::size_t i = 0; i < kFolders; ++i) implied(low, "a/" + std::to_string(i));
    while (layers_.size() < kLayers) described(add_layer() / "a", 0711);
    const std::size_t before = looks;
    complete();
    EXPECT_LT(looks - before, 10 * (kFolders + kLayers));
    EXPECT_EQ(mode("a"), 0711U);
    EXPECT_EQ(mode("a/0"), 0755U);
}

}  // namespace
}  // namespace hallmark::bundle
