// SPDX-License-Identifier: Apache-2.0
#include "agent/ports/discovery.hpp"

#include <dirent.h>
#include <poll.h>

#include <algorithm>
#include <memory>

#include "agent/kernel_file.hpp"

namespace hallmark::guest {
namespace {

constexpr int kLookAgainMs = 10;

struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
};

std::optional<std::string> look(const Roots& roots, std::string_view name) {
    const std::string ports = roots.sys + "/class/virtio-ports";
    const std::unique_ptr<DIR, CloseDirectory> directory(::opendir(ports.c_str()));
    if (!directory) return std::nullopt;
    while (const dirent* entry = ::readdir(directory.get())) {
        const std::string node = entry->d_name;
        if (node.starts_with('.')) continue;
        // A port that has no name yet, or never gets one, has no such file.
        const auto found = read_kernel_line(ports + "/" + node + "/name");
        if (found && *found == name) return roots.dev + "/" + node;
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> find_port(const Roots& roots, std::string_view name, Deadline deadline) {
    for (;;) {
        if (auto path = look(roots, name)) return path;
        const int left = remaining_ms(deadline);
        if (left == 0) return std::nullopt;
        ::poll(nullptr, 0, std::min(left, kLookAgainMs));
    }
}

}  // namespace hallmark::guest
