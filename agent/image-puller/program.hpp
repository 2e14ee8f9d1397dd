// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>

namespace hallmark::image_puller {

/// Where things are in a guest; tests have them elsewhere.
struct Places {
    std::filesystem::path config = "/etc/confidential-data-hub.conf";
    std::filesystem::path command_line = "/proc/cmdline";
};

/// image pull IMAGE --bundle FOLDER […]: one image into a bundle. Exit status: 0 it is there; 1 it is refused or could
/// not be pulled; 2 wrong request or configuration.
int run_image(std::span<const char* const> words, const Places& places = {});

}  // namespace hallmark::image_puller
