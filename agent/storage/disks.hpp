// SPDX-License-Identifier: Apache-2.0
// Disks that the host gives by name: the name is the serial number that it gives to QEMU (virtio-blk), and says nothing
// of what is on the disk.
#pragma once

#include <optional>
#include <string>

#include "agent/ports/discovery.hpp"
#include "common/result.hpp"

namespace hallmark::storage {

/// The device of the one disk with that serial number, as "/dev/vdc"; nothing where the host gives none.
Result<std::optional<std::string>> find_disk(const guest::Roots& roots, const std::string& serial);

/// Where the host gives a disk "hallmark-scratch", the store of pulled images lies on it from here on, encrypted and
/// with tags by a key that is gone with this boot. Returns whether it does; before the first image is pulled. Whatever
/// was on that disk is lost, which the host can have at any time.
Result<bool> mount_image_store(const guest::Roots& roots);

/// A volume of a pod that lasts.
struct LastingVolume {
    std::string serial;   ///< of its disk
    std::string key;      ///< "kbs:///…" or "sealed.…", for the data hub
    bool create = false;  ///< made on a disk that is blank; otherwise opened
};

/// Mounts it on `place`, below /run/hallmark/volumes; a new one may be written by anybody, as one in memory.
Status mount_lasting_volume(const guest::Roots& roots, const LastingVolume& volume, const std::string& place);

}  // namespace hallmark::storage
