// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/scratch_disk.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/expect_error.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::storage {
namespace {

class ScratchDisk : public testing::Test {
protected:
    void add(const std::string& name, const std::string& serial) const {
        const auto disk = folder_.path() / "block" / name;
        std::filesystem::create_directories(disk);
        if (!serial.empty()) std::ofstream(disk / "serial") << serial;
    }
    [[nodiscard]] guest::Roots roots() const { return {.sys = folder_.path().string()}; }

private:
    test::TemporaryFolder folder_;
};

TEST_F(ScratchDisk, IsTheOneWithThatSerialNumber) {
    add("vda", "");
    add("vdb", "hallmark-scratc");
    add("dm-0", "hallmark-scratch");
    EXPECT_EQ(find_scratch_disk(roots()).value(), std::nullopt);
    EXPECT_FALSE(mount_image_store(roots()).value());
    add("vdc", "hallmark-scratch");
    EXPECT_EQ(find_scratch_disk(roots()).value(), "/dev/vdc");
}

TEST_F(ScratchDisk, IsOneAlone) {
    add("vdb", "hallmark-scratch\n");
    add("vdc", "hallmark-scratch\n");
    test::expect_error(find_scratch_disk(roots()), {"two scratch disks, vdb and vdc"}, Fault::kNo);
}

TEST_F(ScratchDisk, WhoseStoreCantBeMadeIsAnError) {
    add("vdb", "hallmark-scratch");
    // No /usr/bin/hallmark-guest here, or no such disk.
    EXPECT_FALSE(mount_image_store(roots()));
}

}  // namespace
}  // namespace hallmark::storage
