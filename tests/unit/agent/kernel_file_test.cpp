// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel_file.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary.hpp"

namespace hallmark::guest {
namespace {

class KernelFile : public testing::Test {
protected:
    std::string file(const std::string& content) {
        const auto path = folder_.path() / "attribute";
        std::ofstream(path, std::ios::binary) << content;
        return path.string();
    }
    hallmark::test::TemporaryFolder folder_;
};

TEST_F(KernelFile, IsReadToItsEndWhateverItsSizeSays) {
    EXPECT_EQ(read_kernel_file(file(std::string(10'000, 'x')), 10'000)->size(), 10'000U);
    // The kernel says that files of procfs have no bytes.
    EXPECT_FALSE(read_kernel_file("/proc/self/status", 1U << 20)->empty());
}

TEST_F(KernelFile, IsBounded) { EXPECT_FALSE(read_kernel_file(file(std::string(10'001, 'x')), 10'000)); }

TEST_F(KernelFile, ALineHasNoEndAndNoSecondLine) {
    EXPECT_EQ(read_kernel_line(file("sev_guest\n")).value(), "sev_guest");
    EXPECT_EQ(read_kernel_line(file("sev_guest")).value(), "sev_guest");
    EXPECT_FALSE(read_kernel_line(file("one\ntwo\n")));
}

TEST_F(KernelFile, WhatIsMissingIsNamedAndNotMade) {
    const auto path = (folder_.path() / "missing").string();
    EXPECT_EQ(read_kernel_file(path, 1).error().message, path + ": No such file or directory");
    EXPECT_FALSE(write_kernel_file(path, as_bytes("x")));
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(KernelFile, AFailedWriteIsSaid) { EXPECT_FALSE(write_kernel_file("/dev/full", as_bytes("x"))); }

}  // namespace
}  // namespace hallmark::guest
