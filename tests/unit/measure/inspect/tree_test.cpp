// SPDX-License-Identifier: Apache-2.0
#include "measure/inspect/tree.hpp"

#include <gtest/gtest.h>

namespace hallmark::inspect {
namespace {

TEST(Tree, ShowsEveryKindOfValue) {
    const Json json = {{"name", ".text"},
                       {"size", 512},
                       {"signed", false},
                       {"none", Json::array()},
                       {"digests", {{"sha256", "00ff"}}},
                       {"list", {"a", Json{{"b", nullptr}}}}};
    EXPECT_EQ(as_tree(json),
              "name: .text\n"
              "size: 512\n"
              "signed: false\n"
              "none: none\n"
              "digests:\n"
              "  sha256: 00ff\n"
              "list:\n"
              "  [0] a\n"
              "  [1]\n"
              "    b: null\n");
    EXPECT_EQ(as_tree("x"), "x\n");
}

TEST(Tree, LetsNothingReachTheTerminal) {
    EXPECT_EQ(printable("a\n\x1b[2J\x7f\\\xc2\x9b"), "a\\x0a\\x1b[2J\\x7f\\x5c\\xc2\\x9b");
    EXPECT_EQ(as_tree({{"k\r", "\x1b"}}), "k\\x0d: \\x1b\n");
}

}  // namespace
}  // namespace hallmark::inspect
