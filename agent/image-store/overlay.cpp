// SPDX-License-Identifier: Apache-2.0
#include "agent/image-store/overlay.hpp"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <ranges>
#include <string>
#include <vector>

#include "common/descriptor.hpp"

namespace hallmark::store {
namespace {

/// The kernel's OVL_MAX_STACK.
constexpr std::size_t kMostLayers = 500;

// By number: Debian 12's C library has the calls, but its header and the kernel's exclude each other.
int open_context(const char* type) { return static_cast<int>(::syscall(SYS_fsopen, type, FSOPEN_CLOEXEC)); }

bool set(const FileDescriptor& context, const char* key, const std::string& value) {
    return ::syscall(SYS_fsconfig, context.get(), FSCONFIG_SET_STRING, key, value.c_str(), 0) == 0;
}

/// A value is at most 255 bytes long, so folders are named by descriptor.
Result<FileDescriptor> set_folder(const FileDescriptor& context, const char* key, const std::filesystem::path& path) {
    FileDescriptor folder(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!folder.valid()) return std::unexpected(system_error(path.string(), Fault::kNo));
    if (!set(context, key, "/proc/self/fd/" + std::to_string(folder.get())))
        return std::unexpected(system_error("overlayfs: " + std::string(key) + " " + path.string(), Fault::kNo));
    return folder;
}

}  // namespace

Status mount_overlay(const OverlayFolders& folders, const std::filesystem::path& at) {
    if (folders.layers.empty() || folders.layers.size() > kMostLayers)
        return refused("overlayfs: " + std::to_string(folders.layers.size()) + " layers, expected 1 to " +
                       std::to_string(kMostLayers));
    const FileDescriptor context(open_context("overlay"));
    if (!context.valid()) return std::unexpected(system_error("overlayfs", Fault::kNo));

    std::vector<FileDescriptor> named;
    for (const auto& layer : folders.layers | std::views::reverse) {
        HALLMARK_TRY(named.emplace_back(), set_folder(context, "lowerdir+", layer));
    }
    HALLMARK_TRY(named.emplace_back(), set_folder(context, "upperdir", folders.upper));
    HALLMARK_TRY(named.emplace_back(), set_folder(context, "workdir", folders.work));
    if (!set(context, "redirect_dir", "nofollow") || !set(context, "metacopy", "off") || !set(context, "index", "off"))
        return std::unexpected(system_error("overlayfs: redirect_dir, metacopy, index", Fault::kNo));

    if (::syscall(SYS_fsconfig, context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0)
        return std::unexpected(system_error("overlayfs", Fault::kNo));
    const FileDescriptor mount(static_cast<int>(::syscall(SYS_fsmount, context.get(), FSMOUNT_CLOEXEC, 0)));
    if (!mount.valid() ||
        ::syscall(SYS_move_mount, mount.get(), "", AT_FDCWD, at.c_str(), MOVE_MOUNT_F_EMPTY_PATH) != 0)
        return std::unexpected(system_error("mount overlayfs on " + at.string(), Fault::kNo));
    return {};
}

Status unmount(const std::filesystem::path& at) {
    if (::umount2(at.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0) return {};
    return std::unexpected(system_error("unmount " + at.string(), Fault::kNo));
}

}  // namespace hallmark::store
