// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "common/result.hpp"

namespace hallmark::store {

/// Removes a file, or a folder with all that is in it; nothing there is no error. However deep it is, three files are
/// open at once: whoever filled it, an image or a container, may have gone deeper than a process may open files.
/// Nobody else changes it meanwhile.
Status remove_tree(const std::filesystem::path& tree);

}  // namespace hallmark::store
