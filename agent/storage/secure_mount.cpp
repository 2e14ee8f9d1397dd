// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/secure_mount.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "agent/block_devices.hpp"
#include "agent/storage/cryptsetup.hpp"
#include "agent/storage/file_system.hpp"
#include "agent/storage/header_copy.hpp"
#include "agent/storage/volume_key.hpp"
#include "common/descriptor.hpp"
#include "common/secret.hpp"

namespace hallmark::storage {
namespace {

constexpr off_t kSmallest = 64L * 1024 * 1024;

Result<std::string> find_device(const Volume& volume, const Places& places) {
    if (!volume.device_number) return volume.device_path;
    return guest::device_path(places.roots, volume.device_number->first, volume.device_number->second);
}

Result<FileDescriptor> open_to_write(const std::string& path, int more = 0) {
    FileDescriptor device(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOCTTY | more));
    if (!device.valid()) return std::unexpected(system_error("opening it", Fault::kNo));
    return device;
}

/// A device that nothing else has: no mount, no mapping.
Result<FileDescriptor> open_device(const std::string& path) {
    HALLMARK_TRY(FileDescriptor device, open_to_write(path, O_EXCL));
    struct stat status{};
    if (::fstat(device.get(), &status) != 0 || !S_ISBLK(status.st_mode))
        return refused("not a block device, expected one");
    const off_t size = ::lseek(device.get(), 0, SEEK_END);
    if (size >= kSmallest) return device;
    return refused(std::to_string(size) + " bytes, expected at least " + std::to_string(kSmallest));
}

/// The header by which the device is opened: its own, checked, or a new one, which is in memory only.
Result<FileDescriptor> header_of(const Volume& volume, const std::string& path, const Secret& key) {
    HALLMARK_TRY(FileDescriptor device, open_device(path));
    if (volume.content == Content::kEncrypted) return copy_header(device.get());
    if (volume.content == Content::kEmpty) {
        HALLMARK_TRY(const bool blank, is_blank(device.get()));
        if (!blank)
            return refused(
                "something is on it, and only zeros are formatted; say sourceType = encrypted to open it, "
                "or clear its first 16 MiB");
    }
    device.reset();  // cryptsetup has it alone meanwhile
    HALLMARK_TRY(FileDescriptor header, make_header_file());
    HALLMARK_CHECK(storage::format(path, header, key));
    return header;
}

/// The last that is done for a volume that lasts: where the guest ends before, its disk is as blank as it was and the
/// next boot makes the volume. Of scratch no one else is to open, the header never leaves memory.
Status keep_header(const Volume& volume, const std::string& path, const FileDescriptor& header) {
    if (volume.content != Content::kEmpty) return {};
    HALLMARK_TRY(const FileDescriptor device, open_to_write(path));
    return write_header(header, device.get());
}

Status mount_opened(const Volume& volume, const std::string& path, const FileDescriptor& header,
                    const std::string& opened) {
    const unsigned long flags = MS_NODEV | MS_NOSUID | volume.mount_flags;
    if (volume.content == Content::kEncrypted) return mount_file_system(opened, volume.mount_point, flags);
    HALLMARK_CHECK(make_file_system(opened, /*lasting=*/volume.content == Content::kEmpty));
    const auto kept = keep_header(volume, path, header);
    if (!kept) return std::unexpected(kept.error().at(path));
    HALLMARK_CHECK(mount_file_system(opened, volume.mount_point, flags));
    // mke2fs made it for a checker that no guest has; on a volume that is read-only from the first it stays.
    [[maybe_unused]] const int ignored = ::rmdir((volume.mount_point + "/lost+found").c_str());
    return {};
}

}  // namespace

Status secure_mount(const Volume& volume, const Places& places) {
    HALLMARK_TRY(const std::string path, find_device(volume, places));
    auto key = volume.content == Content::kScratch ? random_key() : fetch_key(places.hub_socket, volume.key);
    if (!key) return std::unexpected(key.error().at(path));
    const auto header = header_of(volume, path, *key);
    if (!header) return std::unexpected(header.error().at(path));
    const std::string name =
        volume.mapper_name.empty() ? "secure-" + path.substr(path.rfind('/') + 1) : volume.mapper_name;
    HALLMARK_CHECK(open({.device = path, .name = name, .journal = volume.content != Content::kScratch}, *header, *key));
    auto mounted = mount_opened(volume, path, *header, "/dev/mapper/" + name);
    if (mounted) return {};
    if (const auto closed = close(name); !closed)
        return refused(mounted.error().message + "; and it stays open: " + closed.error().message);
    return mounted;
}

}  // namespace hallmark::storage
