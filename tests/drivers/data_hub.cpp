// SPDX-License-Identifier: Apache-2.0
// data-hub-driver FOLDER ARGUMENT…: the data hub of a guest whose files lie in FOLDER: cdh/ (what it writes), cmdline,
// cdh.conf, keys.json and resources.json.
#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

#include "agent/data-hub/program.hpp"
#include "agent/image-puller/program.hpp"
#include "agent/wiping/wiping.hpp"

int main(int count, char** words) {
    if (!hallmark::guest::wipe_what_openssl_frees() || !hallmark::guest::wipe_what_libcurl_frees()) return 1;
    if (count < 2) return 2;
    const std::span<const char* const> all(words, static_cast<std::size_t>(count));
    // What it starts for each image is this program again, as hallmark-guest in a guest.
    if (std::string_view(words[1]) == "image") return hallmark::image_puller::run_image(all.subspan(2));
    const std::filesystem::path folder = words[1];
    const hallmark::hub::Places places{.config = folder / "cdh.conf",
                                       .command_line = folder / "cmdline",
                                       .folder = folder / "cdh",
                                       .offline_files = {folder / "keys.json", folder / "resources.json"}};
    return hallmark::hub::run_data_hub(all.subspan(2), places);
}
