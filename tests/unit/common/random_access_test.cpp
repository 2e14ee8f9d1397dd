// SPDX-License-Identifier: Apache-2.0
#include "common/random_access.hpp"

#include <gtest/gtest.h>

#include <array>

#include "common/file.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark {
namespace {

void check(const RandomAccess& access) {
    EXPECT_EQ(access.size(), 5U);
    std::array<std::uint8_t, 3> into{};
    ASSERT_TRUE(access.read(2, into));
    EXPECT_EQ(into, (std::array<std::uint8_t, 3>{3, 4, 5}));
    EXPECT_TRUE(access.read(5, {}));
    test::expect_error(access.read(3, into), {"offset 0x3", "2 bytes left", "expected 3"});
    test::expect_error(access.read(UINT64_MAX, into), {"0 bytes left"});
}

TEST(RandomAccess, MemoryAndAFileAreReadAlike) {
    const Bytes bytes = {1, 2, 3, 4, 5};
    check(RandomAccess::of(bytes));
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "five";
    ASSERT_TRUE(write_file(path, bytes));
    const auto access = RandomAccess::open(path);
    ASSERT_TRUE(access) << access.error().message;
    check(*access);
}

TEST(RandomAccess, AFolderIsRefused) {
    const test::TemporaryFolder folder;
    test::expect_error(RandomAccess::open(folder.path()), {"not a regular file"});
}

}  // namespace
}  // namespace hallmark
