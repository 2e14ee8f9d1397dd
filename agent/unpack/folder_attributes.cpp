// SPDX-License-Identifier: Apache-2.0
#include "agent/unpack/folder_attributes.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/oci/text.hpp"
#include "agent/unpack/resolve.hpp"
#include "common/descriptor.hpp"

namespace hallmark::unpack {

void FolderAttributes::set(ino_t folder, std::string path, const Attributes& attributes) {
    folders_.insert_or_assign(folder, Folder{std::move(path), attributes});
}

Status FolderAttributes::apply(int root, Rights rights) const {
    std::vector<std::pair<ino_t, const Folder*>> order;
    order.reserve(folders_.size());
    for (const auto& [inode, folder] : folders_) order.emplace_back(inode, &folder);
    // What is inside comes before what leads to it, which may then be closed to us.
    std::ranges::sort(order, [](const auto& a, const auto& b) { return a.second->path > b.second->path; });
    bool any_implied = false;
    for (const auto& [inode, folder] : order) {
        const auto place = "folder '" + oci::printable(folder->path) + "'";
        const FileDescriptor fd = resolve(root, folder->path, O_RDONLY | O_DIRECTORY);
        if (!fd.valid()) {
            // A link on its way was replaced by a later entry: the folder stays as closed as it was made.
            if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP) continue;
            return std::unexpected(system_error(place, Fault::kNo));
        }
        struct stat found{};
        if (::fstat(fd.get(), &found) != 0) return std::unexpected(system_error(place, Fault::kNo));
        if (found.st_ino != inode) continue;
        const bool implied = folder->attributes.implied;
        any_implied = any_implied || implied;
        auto status = implied ? mark(fd.get(), kImplied, rights) : Status();
        if (status) status = set_attributes(fd.get(), folder->attributes, rights);
        if (!status) return std::unexpected(status.error().at(place));
    }
    if (any_implied) return mark(root, kHasImplied, rights);
    return {};
}

}  // namespace hallmark::unpack
