// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/scratch_disk.hpp"

#include <proto/confidential_data_hub.pb.h>

#include "agent/block_devices.hpp"
#include "agent/kernel_file.hpp"
#include "agent/storage/child.hpp"

namespace hallmark::storage {
namespace {

constexpr const char* kSerial = "hallmark-scratch";
constexpr const char* kImageStore = "/run/kata-containers/image";

/// What virtio-blk says of a disk; other kinds of disks have no such file.
bool is_scratch(const guest::Roots& roots, const std::string& name) {
    const auto serial = guest::read_kernel_line(roots.sys + "/block/" + name + "/serial");
    return serial && *serial == kSerial;
}

}  // namespace

Result<std::optional<std::string>> find_scratch_disk(const guest::Roots& roots) {
    HALLMARK_TRY(const auto names, guest::disk_names(roots));
    std::optional<std::string> found;
    for (const auto& name : names) {
        if (!is_scratch(roots, name)) continue;
        if (found) return refused("two scratch disks, " + *found + " and " + name + ", expected at most one");
        found = name;
    }
    if (!found) return std::nullopt;
    return roots.dev + "/" + *found;
}

Result<bool> mount_image_store(const guest::Roots& roots) {
    HALLMARK_TRY(const auto disk, find_scratch_disk(roots));
    if (!disk) return false;
    api::SecureMountRequest request;
    request.set_volume_type("block-device");
    auto& options = *request.mutable_options();
    options["devicePath"] = *disk;
    options["sourceType"] = "empty";
    options["encryptionType"] = "luks2";
    options["mapperName"] = "image-store";
    request.add_flags("noexec");
    request.set_mount_point(kImageStore);
    HALLMARK_CHECK(mount_in_child(request));
    return true;
}

}  // namespace hallmark::storage
