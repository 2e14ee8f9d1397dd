// SPDX-License-Identifier: Apache-2.0
#include "agent/init/root_disk.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/descriptor.hpp"

namespace hallmark::guest {
namespace {

FileDescriptor file_of(std::size_t size) {
    FileDescriptor file(::memfd_create("root", MFD_CLOEXEC));
    EXPECT_EQ(::ftruncate(file.get(), static_cast<off_t>(size)), 0);
    return file;
}

TEST(RootDisk, ReadsEveryByteOfWhatIsLargerThanItsBuffer) {
    constexpr std::size_t kSize = 3 * 1024 * 1024 + 17;
    EXPECT_EQ(read_all_blocks(file_of(kSize).get(), "root").value(), kSize);
}

TEST(RootDisk, NothingIsNotDamaged) { EXPECT_EQ(read_all_blocks(file_of(0).get(), "root").value(), 0U); }

TEST(RootDisk, WhatCannotBeReadIsNamedWithItsPlace) {
    // A process's own memory can't be read at address 0: EIO, as a damaged block of dm-verity gives.
    const FileDescriptor memory(::open("/proc/self/mem", O_RDONLY | O_CLOEXEC));
    const auto read = read_all_blocks(memory.get(), "/dev/dm-0");
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().fault, Fault::kNo);
    EXPECT_EQ(read.error().message,
              "the root file system is damaged: /dev/dm-0 can't be read at byte 0: Input/output error");
}

TEST(RootDisk, VerityIsAsMeasuredOrDamaged) {
    for (const auto* says : {"V", "V -"}) EXPECT_TRUE(judge_target("verity", says)) << says;
    EXPECT_TRUE(judge_target("linear", ""));
    for (const auto* says : {"C", "C -", "", "VC", "- V"}) EXPECT_FALSE(judge_target("verity", says)) << says;
    EXPECT_EQ(judge_target("verity", "C").error().message,
              "the root file system is damaged: dm-verity says 'C', expected 'V'");
}

}  // namespace
}  // namespace hallmark::guest
