// SPDX-License-Identifier: Apache-2.0
#include "agent/block_devices.hpp"

#include <dirent.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "agent/kernel_file.hpp"
#include "common/descriptor.hpp"
#include "common/text.hpp"

namespace hallmark::guest {
namespace {

constexpr std::size_t kMostDisks = 64;
constexpr std::size_t kUeventLimit = 4096;

struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
};

}  // namespace

Result<std::vector<std::string>> disk_names(const Roots& roots) {
    const std::string folder = roots.sys + "/block";
    const std::unique_ptr<DIR, CloseDirectory> directory(::opendir(folder.c_str()));
    if (!directory) return std::unexpected(system_error(folder, Fault::kNo));
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(directory.get())) {
        std::string name = entry->d_name;
        if (name.starts_with("vd") || name.starts_with("sd")) names.push_back(std::move(name));
    }
    std::ranges::sort(names);
    if (names.size() <= kMostDisks) return names;
    return refused(std::to_string(names.size()) + " disks, expected at most " + std::to_string(kMostDisks));
}

Result<std::string> device_path(const Roots& roots, std::uint32_t major, std::uint32_t minor) {
    const std::string path =
        roots.sys + "/dev/block/" + std::to_string(major) + ":" + std::to_string(minor) + "/uevent";
    HALLMARK_TRY(const Bytes bytes, read_kernel_file(path, kUeventLimit));
    constexpr std::string_view kName = "DEVNAME=";
    std::string_view rest = text_of(bytes);
    while (!rest.empty()) {
        const auto line = rest.substr(0, rest.find('\n'));
        if (line.starts_with(kName)) return roots.dev + "/" + std::string(line.substr(kName.size()));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    }
    return refused(path + ": found no line " + std::string(kName) + ", expected the device's name");
}

}  // namespace hallmark::guest
