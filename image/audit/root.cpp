// SPDX-License-Identifier: Apache-2.0
#include "image/audit/root.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

namespace hallmark::audit {

Result<Root> Root::open(const std::filesystem::path& folder) {
    Root root;
    root.folder_ = folder;
    root.descriptor_ = FileDescriptor(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!root.descriptor_.valid()) return std::unexpected(system_error(folder.string()));
    return root;
}

Result<std::vector<std::string>> Root::files() const {
    std::vector<std::string> names;
    std::error_code error;
    auto entry = std::filesystem::recursive_directory_iterator(folder_, error);
    for (; !error && entry != std::filesystem::recursive_directory_iterator(); entry.increment(error))
        if (!entry->is_symlink(error) && entry->is_regular_file(error))
            names.push_back("/" + entry->path().lexically_relative(folder_).string());
    if (error) return bad_input(folder_.string() + ": " + error.message());
    std::ranges::sort(names);
    return names;
}

std::optional<Root::Identity> Root::find(const std::string& name) const {
    open_how how{};
    how.flags = O_PATH | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    const FileDescriptor file(
        static_cast<int>(::syscall(SYS_openat2, descriptor_.get(), name.c_str(), &how, sizeof how)));
    struct stat status{};
    if (!file.valid() || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    return Identity{status.st_dev, status.st_ino};
}

}  // namespace hallmark::audit
