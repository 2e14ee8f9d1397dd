// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/disks.hpp"

#include <proto/confidential_data_hub.pb.h>
#include <sys/stat.h>

#include "agent/block_devices.hpp"
#include "agent/kernel_file.hpp"
#include "agent/storage/child.hpp"
#include "common/descriptor.hpp"

namespace hallmark::storage {
namespace {

constexpr const char* kScratch = "hallmark-scratch";
constexpr const char* kImageStore = "/run/kata-containers/image";

/// What virtio-blk says of a disk; other kinds of disks have no such file.
bool has_serial(const guest::Roots& roots, const std::string& name, const std::string& serial) {
    const auto found = guest::read_kernel_line(roots.sys + "/block/" + name + "/serial");
    return found && *found == serial;
}

api::SecureMountRequest request_of(const std::string& device, const std::string& source, const std::string& place) {
    api::SecureMountRequest request;
    request.set_volume_type("block-device");
    auto& options = *request.mutable_options();
    options["devicePath"] = device;
    options["sourceType"] = source;
    options["encryptionType"] = "luks2";
    request.set_mount_point(place);
    return request;
}

}  // namespace

Result<std::optional<std::string>> find_disk(const guest::Roots& roots, const std::string& serial) {
    HALLMARK_TRY(const auto names, guest::disk_names(roots));
    std::optional<std::string> found;
    for (const auto& name : names) {
        if (!has_serial(roots, name, serial)) continue;
        if (found) return refused("two disks '" + serial + "', " + *found + " and " + name + ", expected at most one");
        found = name;
    }
    if (!found) return std::nullopt;
    return roots.dev + "/" + *found;
}

Result<bool> mount_image_store(const guest::Roots& roots) {
    HALLMARK_TRY(const auto disk, find_disk(roots, kScratch));
    if (!disk) return false;
    api::SecureMountRequest request = request_of(*disk, "empty", kImageStore);
    request.add_flags("noexec");
    HALLMARK_CHECK(mount_in_child(request));
    return true;
}

Status mount_lasting_volume(const guest::Roots& roots, const LastingVolume& volume, const std::string& place) {
    HALLMARK_TRY(const auto disk, find_disk(roots, volume.serial));
    if (!disk) return refused("no disk with the serial number '" + volume.serial + "', expected one of the host");
    api::SecureMountRequest request = request_of(*disk, volume.create ? "empty" : "encrypted", place);
    (*request.mutable_options())["key"] = volume.key;
    HALLMARK_CHECK(mount_in_child(request));
    if (!volume.create || ::chmod(place.c_str(), 01777) == 0) return {};
    return std::unexpected(system_error(place, Fault::kNo));
}

}  // namespace hallmark::storage
