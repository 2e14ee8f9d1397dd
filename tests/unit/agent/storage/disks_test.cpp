// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/disks.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/expect_error.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::storage {
namespace {

class NamedDisks : public testing::Test {
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

TEST_F(NamedDisks, IsTheOneWithThatSerialNumber) {
    add("vda", "");
    add("vdb", "hallmark-scratc");
    add("dm-0", "hallmark-scratch");
    EXPECT_EQ(find_disk(roots(), "hallmark-scratch").value(), std::nullopt);
    EXPECT_FALSE(mount_image_store(roots()).value());
    add("vdc", "hallmark-scratch");
    EXPECT_EQ(find_disk(roots(), "hallmark-scratch").value(), "/dev/vdc");
}

TEST_F(NamedDisks, IsOneAlone) {
    add("vdb", "hallmark-scratch\n");
    add("vdc", "hallmark-scratch\n");
    test::expect_error(find_disk(roots(), "hallmark-scratch"), {"two disks 'hallmark-scratch', vdb and vdc"},
                       Fault::kNo);
}

TEST_F(NamedDisks, WhoseStoreCantBeMadeIsAnError) {
    add("vdb", "hallmark-scratch");
    // No /usr/bin/hallmark-guest here, or no such disk.
    EXPECT_FALSE(mount_image_store(roots()));
}

TEST_F(NamedDisks, ALastingVolumeNeedsItsOwn) {
    add("vdb", "other");
    test::expect_error(mount_lasting_volume(roots(), {.serial = "data", .key = "kbs:///a/b/c"}, "/run/x"),
                       {"no disk with the serial number 'data'"}, Fault::kNo);
}

}  // namespace
}  // namespace hallmark::storage
