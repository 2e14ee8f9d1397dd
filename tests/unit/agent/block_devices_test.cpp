// SPDX-License-Identifier: Apache-2.0
#include "agent/block_devices.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/expect_error.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::guest {
namespace {

TEST(BlockDevices, DisksAreInTheirOrder) {
    const test::TemporaryFolder folder;
    for (const auto* name : {"vdb", "sda", "vda", "dm-0", "loop0"})
        std::filesystem::create_directories(folder.path() / "block" / name);
    EXPECT_EQ(disk_names({.sys = folder.path()}).value(), (std::vector<std::string>{"sda", "vda", "vdb"}));
    for (int i = 0; i < 62; ++i)
        std::filesystem::create_directories(folder.path() / "block" / ("vdx" + std::to_string(i)));
    test::expect_error(disk_names({.sys = folder.path()}), {"65 disks, expected at most 64"}, Fault::kNo);
    EXPECT_FALSE(disk_names({.sys = "/nowhere"}));
}

TEST(BlockDevices, ANumberHasAName) {
    const test::TemporaryFolder folder;
    const auto device = folder.path() / "dev/block/254:32";
    std::filesystem::create_directories(device);
    std::ofstream(device / "uevent") << "MAJOR=254\nMINOR=32\nDEVNAME=vdc\nDEVTYPE=disk\n";
    EXPECT_EQ(device_path({.sys = folder.path()}, 254, 32).value(), "/dev/vdc");
    EXPECT_FALSE(device_path({.sys = folder.path()}, 254, 33));
    std::ofstream(device / "uevent") << "MAJOR=254\n";
    test::expect_error(device_path({.sys = folder.path()}, 254, 32), {"no line DEVNAME="}, Fault::kNo);
}

}  // namespace
}  // namespace hallmark::guest
