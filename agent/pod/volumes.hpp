// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>

#include "agent/init-data/pod_settings.hpp"
#include "common/result.hpp"

namespace hallmark::pod {

/// Mounts a file system for each volume, below `folder` by its name: in memory, or on the disk that it names, for which
/// the data hub has to be up. Anybody may write to it, as to the volumes that Kubernetes makes empty.
Status make_volumes(std::span<const guest::VolumeSettings> volumes, const std::filesystem::path& folder);

}  // namespace hallmark::pod
