// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/result.hpp"

namespace hallmark::storage {

/// Makes ext4 on a device that was just formatted, of which nothing has a tag yet. Without a journal where what is on
/// it ends with this boot.
Status make_file_system(const std::string& device, bool lasting);

/// Mounts ext4, and makes the folder for it. `flags` are MS_….
Status mount_file_system(const std::string& device, const std::string& folder, unsigned long flags);

}  // namespace hallmark::storage
