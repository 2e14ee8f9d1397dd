// SPDX-License-Identifier: Apache-2.0
#include "agent/init/mounts.hpp"

#include <gtest/gtest.h>
#include <sys/mount.h>

#include <set>
#include <string>

namespace hallmark::guest {
namespace {

TEST(MountTable, NothingMountedCanRaisePrivilegesOrRun) {
    for (const auto& mount : mount_table()) {
        EXPECT_TRUE(mount.flags & MS_NOSUID) << mount.target;
        EXPECT_TRUE(mount.flags & MS_NOEXEC) << mount.target;
        const bool devices = std::string(mount.target).starts_with("/dev");
        EXPECT_NE((mount.flags & MS_NODEV) != 0, devices) << mount.target;
    }
}

TEST(MountTable, HasWhatInitAndItsPartsLiveOn) {
    std::set<std::string> targets;
    for (const auto& mount : mount_table()) EXPECT_TRUE(targets.insert(mount.target).second) << mount.target;
    for (const char* needed : {"/proc", "/sys", "/dev", "/dev/pts", "/run", "/tmp", "/sys/fs/cgroup",
                               "/sys/kernel/config", "/sys/kernel/security"})
        EXPECT_TRUE(targets.contains(needed)) << needed;
}

TEST(MountTable, NoMountHidesAnEarlierOne) {
    const auto table = mount_table();
    for (std::size_t i = 0; i < table.size(); ++i)
        for (std::size_t earlier = 0; earlier < i; ++earlier)
            EXPECT_FALSE(std::string(table[earlier].target).starts_with(std::string(table[i].target) + "/"))
                << table[i].target << " would hide " << table[earlier].target;
}

TEST(MountTable, AnybodyMayWriteOnlyWhereTheStickyBitIs) {
    for (const auto& mount : mount_table()) {
        if (std::string(mount.type) != "tmpfs") continue;
        const std::string expected = std::string(mount.target) == "/tmp" ? "mode=1777" : "mode=0755";
        EXPECT_EQ(mount.options, expected) << mount.target;
    }
}

}  // namespace
}  // namespace hallmark::guest
