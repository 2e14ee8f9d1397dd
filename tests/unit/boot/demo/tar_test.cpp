// SPDX-License-Identifier: Apache-2.0
#include "boot/demo/tar.hpp"

#include <gtest/gtest.h>

#include <array>

namespace hallmark::boot::demo {
namespace {

TEST(Tar, WholeBlocksAndTwoOfZerosAtTheEnd) {
    const Bytes content(513, 'x');
    const std::array entries{Entry{.path = "a", .kind = EntryKind::kFile, .content = content}};
    const auto tar = make_tar(entries);
    ASSERT_TRUE(tar);
    EXPECT_EQ(tar->size(), 512U + 1024U + 1024U);
    EXPECT_TRUE(all_zero(ByteSpan(*tar).subspan(512 + 513)));
}

TEST(Tar, ANameThatDoesNotFitIsAnError) {
    const std::array entries{Entry{.path = std::string(100, 'a')}};
    EXPECT_FALSE(make_tar(entries));
}

}  // namespace
}  // namespace hallmark::boot::demo
