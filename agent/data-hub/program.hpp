// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "agent/data-hub/secret_folder.hpp"

namespace hallmark::hub {

/// Where things are in a guest; tests have them elsewhere.
struct Places {
    std::filesystem::path config = "/etc/confidential-data-hub.conf";
    std::filesystem::path command_line = "/proc/cmdline";
    std::filesystem::path folder = SecretFolder::kPath;
    std::vector<std::filesystem::path> offline_files = {"/etc/aa-offline_fs_kbc-keys.json",
                                                        "/etc/aa-offline_fs_kbc-resources.json"};
};

/// confidential-data-hub [-c FILE]: serves until SIGTERM or SIGINT. Exit status: 0 stopped; 1 failed; 2 wrong request
/// or configuration.
int run_data_hub(std::span<const char* const> words, const Places& places = {});

}  // namespace hallmark::hub
