// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>

#include "common/result.hpp"

namespace hallmark::boot::demo {

/// Calls `work` in a process of its own with a new folder that only its owner can read, and returns its exit status.
/// The folder is gone afterwards, however the process ended: by a signal, which is passed on, too (128 and its number).
Result<int> in_work_folder(const std::function<int(const std::filesystem::path&)>& work);

}  // namespace hallmark::boot::demo
