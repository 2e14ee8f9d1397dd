// SPDX-License-Identifier: Apache-2.0
// Folders that a layer has only because something lies in them. Unpacked on its own, a layer can't know what they look
// like below; overlayfs shows what the highest layer says. So they are made once more above all layers, as the highest
// layer that describes them has them.
#pragma once

#include <filesystem>
#include <span>

#include "common/result.hpp"

namespace hallmark::bundle {

/// Gives `upper`, an empty folder, the root's attributes, and those folders. `layers`: the lowest first, at least one.
Status complete_folders(std::span<const std::filesystem::path> layers, const std::filesystem::path& upper);

}  // namespace hallmark::bundle
