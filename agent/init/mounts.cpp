// SPDX-License-Identifier: Apache-2.0
#include "agent/init/mounts.hpp"

#include <sys/mount.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <string>

#include "common/descriptor.hpp"

namespace hallmark::guest {
namespace {

constexpr unsigned long kInert = MS_NOSUID | MS_NODEV | MS_NOEXEC;
constexpr unsigned long kDevices = MS_NOSUID | MS_NOEXEC;

constexpr std::array<Mount, 9> kTable = {{
    {"proc", "/proc", kInert, "", true},
    {"sysfs", "/sys", kInert, "", true},
    {"devtmpfs", "/dev", kDevices, "mode=0755", true},
    {"devpts", "/dev/pts", kDevices, "mode=0620,ptmxmode=0666", false},
    {"tmpfs", "/run", kInert, "mode=0755", true},
    {"tmpfs", "/tmp", kInert, "mode=1777", true},
    {"cgroup2", "/sys/fs/cgroup", kInert, "", false},
    {"configfs", "/sys/kernel/config", kInert, "", false},
    {"securityfs", "/sys/kernel/security", kInert, "", false},
}};

Status mount_one(const Mount& mount) {
    // The root is read-only and has its directories; this makes the ones inside what was mounted before.
    ::mkdir(mount.target, 0755);
    if (::mount(mount.type, mount.target, mount.type, mount.flags, mount.options) == 0) return {};
    if (errno == EBUSY) {
        if (::mount(nullptr, mount.target, nullptr, MS_REMOUNT | MS_BIND | mount.flags, nullptr) == 0) return {};
    } else if (!mount.required && (errno == ENODEV || errno == ENOENT)) {
        return {};
    }
    return std::unexpected(system_error("mount " + std::string(mount.type) + " on " + mount.target, Fault::kNo));
}

}  // namespace

std::span<const Mount> mount_table() { return kTable; }

Status mount_all() {
    for (const auto& mount : kTable) HALLMARK_CHECK(mount_one(mount));
    return {};
}

}  // namespace hallmark::guest
