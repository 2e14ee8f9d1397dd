// SPDX-License-Identifier: Apache-2.0
#include "agent/pod/volumes.hpp"

#include <sys/mount.h>

#include <string>
#include <system_error>

#include "agent/storage/disks.hpp"
#include "common/descriptor.hpp"

namespace hallmark::pod {

Status make_volumes(std::span<const guest::VolumeSettings> volumes, const std::filesystem::path& folder) {
    for (const auto& volume : volumes) {
        const auto place = folder / volume.name;
        if (volume.disk) {
            const auto mounted = storage::mount_lasting_volume({}, *volume.disk, place);
            if (!mounted) return std::unexpected(mounted.error().at("volume " + volume.name));
            continue;
        }
        std::error_code failed;
        std::filesystem::create_directories(place, failed);
        if (failed) return refused(place.string() + ": " + failed.message());
        const std::string options = "mode=0777,size=" + std::to_string(volume.size_mib) + "m";
        if (::mount("tmpfs", place.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()) != 0)
            return std::unexpected(system_error("volume " + volume.name, Fault::kNo));
    }
    return {};
}

}  // namespace hallmark::pod
