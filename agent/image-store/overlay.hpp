// SPDX-License-Identifier: Apache-2.0
// The root of a container: layers that nobody writes to, below one folder that takes what the container writes.
// Source: Linux, Documentation/filesystems/overlayfs.rst ("lowerdir+", since 6.8); fsopen(2), fsconfig(2), fsmount(2).
#pragma once

#include <filesystem>
#include <span>
#include <utility>

#include "common/result.hpp"

namespace hallmark::store {

struct OverlayFolders {
    std::span<const std::filesystem::path> layers;  ///< the lowest first; at least one, at most 500
    std::filesystem::path upper;                    ///< takes what is written
    std::filesystem::path work;                     ///< overlayfs's own, empty, in the file system of `upper`
};

/// Mounts them on an empty folder. What a layer says in extended attributes of overlayfs about other folders is not
/// followed.
Status mount_overlay(const OverlayFolders& folders, const std::filesystem::path& at);

/// Takes a mount away, also while it is in use: it is gone for whoever comes next.
Status unmount(const std::filesystem::path& at);

}  // namespace hallmark::store
