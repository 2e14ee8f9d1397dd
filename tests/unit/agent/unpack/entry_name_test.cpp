// SPDX-License-Identifier: Apache-2.0
#include "agent/unpack/entry_name.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/expect_error.hpp"

namespace hallmark::unpack {
namespace {

TEST(PathOf, BeginsAtTheRoot) {
    for (const auto* name :
         {"usr/share/doc", "/usr/share/doc", "./usr/share/doc", "//usr/./share//doc/", ".//./usr/share/doc/."})
        EXPECT_EQ(*path_of(name), (Path{"usr/share", "doc"})) << name;
    for (const auto* name : {"/", ".", "./", ""}) EXPECT_EQ(*path_of(name), (Path{"", ""})) << name;
    EXPECT_EQ(*path_of("a"), (Path{"", "a"}));
    EXPECT_EQ(*path_of("...\n/..a"), (Path{"...\n", "..a"}));
}

TEST(PathOf, NeverLeadsOut) {
    for (const auto* name : {"..", "../a", "a/..", "a/../b", "/../a", "./..", "a/../../b"})
        test::expect_error(path_of(name), {"'..'"});
    EXPECT_TRUE(path_of(std::string(255, 'n')));
    test::expect_error(path_of("a/" + std::string(256, 'n')), {"256 bytes, expected at most 255"});
}

TEST(MarkOf, TellsWhiteouts) {
    EXPECT_EQ(mark_of("a.wh.b")->mark, Mark::kNone);
    EXPECT_EQ(mark_of(".wh.a")->mark, Mark::kWhiteout);
    EXPECT_EQ(mark_of(".wh.a")->name, "a");
    EXPECT_EQ(mark_of(".wh..hidden")->name, ".hidden");
    EXPECT_EQ(mark_of(".wh..wh..opq")->mark, Mark::kOpaque);
    EXPECT_EQ(mark_of(".wh..wh.plnk")->mark, Mark::kIgnored);
    for (const auto* name : {".wh.", ".wh..", ".wh..."}) test::expect_error(mark_of(name), {"whiteout of no name"});
}

}  // namespace
}  // namespace hallmark::unpack
