// SPDX-License-Identifier: Apache-2.0
#include "agent/unpack/unpack.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "common/descriptor.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_tar.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::unpack {
namespace {

namespace fs = std::filesystem;
using test::Tar;

const bool kIsRoot = ::geteuid() == 0;
const Rights kRights = kIsRoot ? Rights::kRoot : Rights::kUser;
const char* const kOpaque = kIsRoot ? "trusted.overlay.opaque" : "user.overlay.opaque";

class Unpack : public testing::Test {
protected:
    Unpack() {
        fs::create_directory(root_);
        fs::create_directory(outside_);
        write(outside_ / "file", "outside");
    }
    /// Whatever a layer does: nothing outside its folder changes.
    ~Unpack() override {
        EXPECT_EQ(content(outside_ / "file"), "outside");
        EXPECT_EQ(std::distance(fs::directory_iterator(outside_), {}), 1);
        EXPECT_EQ(std::distance(fs::directory_iterator(temporary_.path()), {}), 2);
        EXPECT_EQ(status(outside_ / "file").st_nlink, 1U);
    }

    Result<Report> unpack(const Tar& tar, Options options = {}) {
        options.rights = kRights;
        const FileDescriptor root(::open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        std::string_view left = tar.text();
        return unpack::unpack(
            [&]() -> Result<ByteSpan> {
                const auto piece = left.substr(0, 10'000);
                left.remove_prefix(piece.size());
                return as_bytes(piece);
            },
            root.get(), options);
    }
    void expect_unpacked(const Tar& tar) {
        const auto report = unpack(tar);
        ASSERT_TRUE(report) << report.error().message;
    }
    [[nodiscard]] fs::path in(const std::string& name) const { return root_ / name; }
    static struct stat status(const fs::path& path) {
        struct stat found{};
        EXPECT_EQ(::lstat(path.c_str(), &found), 0) << path;
        return found;
    }
    static std::string content(const fs::path& path) {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    static void write(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }
    static std::string xattr(const fs::path& path, const char* name) {
        char value[100] = {};
        const auto size = ::lgetxattr(path.c_str(), name, value, sizeof value);
        return size < 0 ? "none" : std::string(value, static_cast<std::size_t>(size));
    }
    static bool is_whiteout(const fs::path& path) {
        const auto found = status(path);
        return S_ISCHR(found.st_mode) && found.st_rdev == 0;
    }

    test::TemporaryFolder temporary_;
    fs::path root_ = temporary_.path() / "root";
    fs::path outside_ = temporary_.path() / "outside";
};

TEST_F(Unpack, MakesFilesFoldersAndLinks) {
    const auto report = unpack(Tar()
                                   .add("d/", '5')
                                   .add("d/f", '0', std::string(100'000, 'x'))
                                   .add("d/h", '1', "/d/f")
                                   .add("s", '2', "/anywhere")
                                   .add("p", '6')
                                   .add("./line\nbreak", '0')
                                   .end());
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->entries, 6U);
    EXPECT_EQ(report->bytes, 100'000U);
    EXPECT_EQ(content(in("d/f")), std::string(100'000, 'x'));
    EXPECT_EQ(status(in("d/f")).st_ino, status(in("d/h")).st_ino);
    EXPECT_EQ(fs::read_symlink(in("s")), "/anywhere");
    EXPECT_TRUE(S_ISFIFO(status(in("p")).st_mode));
    EXPECT_TRUE(fs::exists(in("line\nbreak")));
}

TEST_F(Unpack, SetsModesAndTimes) {
    expect_unpacked(Tar()
                        .pax({{"mtime", "1000000000.123456789"}})
                        .add({.name = "f", .mode = "0004751"})
                        .add({.name = "d", .type = '5', .mode = "0001500"})
                        .add("d/inside", '0')
                        .pax({{"mtime", "-3.5"}})
                        .add("s", '2', "x")
                        .add("made/for/it", '0')
                        .end());
    EXPECT_EQ(status(in("f")).st_mode & 07777U, 04751U);
    EXPECT_EQ(status(in("f")).st_mtim.tv_sec, 1'000'000'000);
    EXPECT_EQ(status(in("f")).st_mtim.tv_nsec, 123'456'789);
    EXPECT_EQ(status(in("d")).st_mode & 07777U, 01500U);
    EXPECT_EQ(status(in("d")).st_mtim.tv_sec, 7) << "not the time at which it was filled";
    EXPECT_EQ(status(in("s")).st_mtim.tv_sec, -4);
    EXPECT_EQ(status(in("s")).st_mtim.tv_nsec, 500'000'000);
    for (const auto* folder : {"made/for", "made", ""}) {
        EXPECT_EQ(status(in(folder)).st_mode & 07777U, 0755U) << folder;
        EXPECT_EQ(status(in(folder)).st_mtim.tv_sec, 0) << folder;
    }
}

TEST_F(Unpack, SetsOwnersAndMakesDevices) {
    if (!kIsRoot) GTEST_SKIP() << "only root may";
    const auto report = unpack(
        Tar()
            .add(
                {.name = "c", .type = '3', .mode = "0000666", .uid = "0000005", .major = "0000001", .minor = "0000003"})
            .pax({{"uid", "4294967294"}, {"gid", "70000"}})
            .add({.name = "f", .mode = "0006755"})
            .pax({{"uid", "8"}, {"SCHILY.xattr.trusted.other", "x"}})
            .add("s", '2', "f")
            .end());
    if (!report && report.error().message.contains("'c': creating")) GTEST_SKIP() << "not in a container";
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(S_ISCHR(status(in("c")).st_mode));
    EXPECT_EQ(status(in("c")).st_rdev, makedev(1, 3));
    EXPECT_EQ(status(in("c")).st_mode & 07777U, 0666U);
    EXPECT_EQ(status(in("c")).st_uid, 5U);
    EXPECT_EQ(status(in("f")).st_uid, 4294967294U);
    EXPECT_EQ(status(in("f")).st_gid, 70000U);
    EXPECT_EQ(status(in("f")).st_mode & 07777U, 06755U) << "the new owner doesn't take it away";
    EXPECT_EQ(status(in("s")).st_uid, 8U);
    EXPECT_EQ(report->left_out_xattrs, 1U);
}

TEST_F(Unpack, RefusesXattrsOfOverlayfs) {
    for (const auto* name : {"trusted.overlay.opaque", "user.overlay.redirect"})
        for (const char type : {'0', '5', '2'})
            test::expect_error(unpack(Tar()
                                          .pax({{std::string("SCHILY.xattr.") + name, "y"}})
                                          .add("n", type, type == '2' ? "x" : "")
                                          .end()),
                               {"layer: entry 'n'", name, "expected whiteouts"});
}

TEST_F(Unpack, MakesWhiteouts) {
    expect_unpacked(Tar()
                        .add("a/.wh.gone", '0')
                        .add("a/.wh..wh..opq", '0')
                        .add(".wh..wh.plnk/x", '0')
                        .add(".wh.tree", '0')
                        .add("tree/.wh.inside", '0')
                        .add("tree/deep/.wh.inside", '0')
                        .end());
    EXPECT_TRUE(is_whiteout(in("a/gone")));
    EXPECT_EQ(xattr(in("a"), kOpaque), "y");
    EXPECT_TRUE(is_whiteout(in("tree"))) << "what is gone stays gone, whatever else is said to be gone in it";
    EXPECT_FALSE(fs::exists(in("a/.wh.gone")));
}

TEST_F(Unpack, HidesOnlyWhatTheLayersBelowHave) {
    expect_unpacked(Tar()
                        .add("f", '0', "here")
                        .add(".wh.f", '0')
                        .add("d/x", '0')
                        .add(".wh.d", '0')
                        .add(".wh.e", '0')
                        .add("e/x", '0')
                        .add(".wh.g", '0')
                        .add("g", '0', "back")
                        .add(".wh..wh..opq", '0')
                        .end());
    EXPECT_EQ(content(in("f")), "here");
    EXPECT_EQ(content(in("g")), "back");
    for (const auto* folder : {"d", "e"}) {
        EXPECT_TRUE(fs::exists(in(folder) / "x")) << folder;
        EXPECT_EQ(xattr(in(folder), kOpaque), "y") << folder;
    }
    EXPECT_EQ(xattr(root_, kOpaque), "y");
}

TEST_F(Unpack, TakesTheLastOfOneName) {
    expect_unpacked(Tar()
                        .add("a", '0', "first")
                        .add("a", '0', "second")
                        .add("b/c/d", '0')
                        .add("b", '0', "file")
                        .add("c", '2', "a")
                        .add("c", '0', "no link")
                        .add("d", '5')
                        .add({.name = "d", .type = '5', .mode = "0000711"})
                        .add("e", '0')
                        .add("e/", '5')
                        .add("f", '0', "itself")
                        .add("f", '1', "f")
                        .add("g", '2', "d")
                        .add("g/", '5')
                        .end());
    EXPECT_EQ(content(in("a")), "second");
    EXPECT_EQ(content(in("b")), "file");
    EXPECT_FALSE(fs::is_symlink(in("c")));
    EXPECT_EQ(content(in("c")), "no link");
    EXPECT_EQ(status(in("d")).st_mode & 07777U, 0711U);
    EXPECT_TRUE(fs::is_directory(in("e")));
    EXPECT_EQ(content(in("f")), "itself");
    EXPECT_TRUE(S_ISDIR(status(in("g")).st_mode));
}

TEST_F(Unpack, FollowsLinksInsideTheRoot) {
    expect_unpacked(Tar()
                        .add("usr/lib/", '5')
                        .add("lib", '2', "usr/lib")
                        .add("abs", '2', "/usr/lib")
                        .add("up", '2', "../../../../usr/lib")
                        .add("lib/a", '0')
                        .add("abs/b", '0')
                        .add("up/c", '0')
                        .add("lib/.wh..wh..opq", '0')
                        .add("h", '1', "up/c")
                        .end());
    for (const auto* name : {"a", "b", "c"}) EXPECT_TRUE(fs::exists(in("usr/lib") / name)) << name;
    EXPECT_EQ(status(in("usr/lib")).st_mtim.tv_sec, 7);
    EXPECT_EQ(xattr(in("usr/lib"), kOpaque), "y");
}

TEST_F(Unpack, NeverWritesThroughLinks) {
    const auto file = (outside_ / "file").string();
    const auto folder = outside_.string();
    expect_unpacked(Tar().add("l", '2', file).add("l", '0', "written").end());
    EXPECT_EQ(content(in("l")), "written");
    // Absolute: there is no such folder in the root.
    test::expect_error(unpack(Tar().add("m", '2', folder).add("m/x", '0', "written").end()),
                       {"layer: entry 'm/x'", "is no folder"}, Fault::kNo);
    test::expect_error(unpack(Tar().add("n", '2', "../outside").add("n/file", '0', "written").end()), {"no folder"},
                       Fault::kNo);
    test::expect_error(unpack(Tar().add("o", '2', "../outside").add("h", '1', "o/file").end()), {"hard link"},
                       Fault::kNo);
    test::expect_error(unpack(Tar().add("h", '1', file).end()), {"hard link"}, Fault::kNo);
    test::expect_error(unpack(Tar().add("h", '1', "../outside/file").end()), {"'..'"});
    test::expect_error(unpack(Tar().add("../outside/x", '0').end()), {"'..'"});
    test::expect_error(unpack(Tar().add("p", '2', "/proc/self/root").add("p/tmp/x", '0').end()), {"no folder"},
                       Fault::kNo);
    // A hard link to a link is a link of its own, and its mode and times are not its target's.
    expect_unpacked(Tar().add("q", '2', file).add("r", '1', "q").add({.name = "q", .mode = "0004777"}).end());
    EXPECT_EQ(fs::read_symlink(in("r")), file);
}

TEST_F(Unpack, SaysWhatToDoAboutALinkIntoAnotherLayer) {
    test::expect_error(unpack(Tar().add("usr/bin/one", '0').add("usr/bin/two", '1', "bin/lower").end()),
                       {"layer: entry 'usr/bin/two': a hard link to 'bin/lower', which this layer doesn't have",
                        "build the image with a copy of the file in place of the link"},
                       Fault::kNo);
}

TEST_F(Unpack, MakesSparseFiles) {
    expect_unpacked(
        Tar().pax({{"GNU.sparse.size", "100000000"}, {"GNU.sparse.map", "50000000,3"}}).add("f", '0', "abc").end());
    EXPECT_EQ(status(in("f")).st_size, 100'000'000);
    EXPECT_LT(status(in("f")).st_blocks, 1000);
    std::ifstream file(in("f"));
    file.seekg(50'000'000);
    char text[4] = {};
    file.read(text, 3);
    EXPECT_STREQ(text, "abc");
}

TEST_F(Unpack, HasLimits) {
    test::expect_error(unpack(Tar().add("a", '0').add("b", '0').add("c", '0').end(), {.most_entries = 2}),
                       {"more than 2 entries"}, Fault::kNo);
    test::expect_error(unpack(Tar().pax({{"GNU.sparse.size", "9000000000000000000"}}).add("f", '0').end()),
                       {"entry 'f'", "9000000000000000000 bytes"}, Fault::kNo);
    test::expect_error(unpack(Tar().add(".", '0').end()), {"root", "expected a folder"});
    test::expect_error(unpack(Tar().add("d", '5').add("h", '1', "d").end()), {"folder"}, Fault::kNo);
    test::expect_error(unpack(Tar().add("f", '0').add("f/x", '0').end()), {"'f' is no folder"}, Fault::kNo);
}

TEST_F(Unpack, ShowsNamesInOneLine) {
    test::expect_error(unpack(Tar().add("a\n\x1b[2J/../b", '0').end()), {"'a??[2J/../b'"});
}

}  // namespace
}  // namespace hallmark::unpack
