// SPDX-License-Identifier: Apache-2.0
#include "agent/image-store/remove_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/descriptor.hpp"

namespace hallmark::store {
namespace {

/// Folders of one that are noted before they are gone into.
constexpr std::size_t kNoted = 16;

struct CloseStream {
    void operator()(DIR* stream) const { ::closedir(stream); }
};

/// A folder on the way down.
struct Level {
    std::vector<std::string> folders{};  ///< in it, not empty; the last one is the one that was gone into
    struct stat status{};
};

std::unexpected<Error> failed(const std::filesystem::path& tree) {
    return std::unexpected(system_error("removing " + tree.string(), Fault::kNo));
}

FileDescriptor open_in(int folder, const char* name) {
    return FileDescriptor(::openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

/// Removes what is in a folder but folders that are not empty, and gives some of those; false where it can't.
bool clear(int folder, std::vector<std::string>& folders) {
    const int own = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);  // which the stream closes
    if (own < 0) return false;
    const std::unique_ptr<DIR, CloseStream> stream(::fdopendir(own));
    if (!stream) {
        ::close(own);
        return false;
    }
    while (folders.size() < kNoted) {
        errno = 0;
        const dirent* entry = ::readdir(stream.get());
        if (entry == nullptr) return errno == 0;
        const std::string name = entry->d_name;
        if (name == "." || name == ".." || ::unlinkat(folder, name.c_str(), 0) == 0) continue;
        if (errno != EISDIR) return false;
        if (::unlinkat(folder, name.c_str(), AT_REMOVEDIR) == 0) continue;
        if (errno != ENOTEMPTY) return false;
        folders.push_back(name);
    }
    return true;
}

/// From a folder that is empty now to the one above it, out of which it goes.
FileDescriptor climb(const FileDescriptor& from, Level& above) {
    FileDescriptor to = open_in(from.get(), "..");
    struct stat status{};
    if (!to.valid() || ::fstat(to.get(), &status) != 0) return {};
    if (status.st_ino != above.status.st_ino || status.st_dev != above.status.st_dev) {
        errno = ESTALE;
        return {};
    }
    if (::unlinkat(to.get(), above.folders.back().c_str(), AT_REMOVEDIR) != 0) return {};
    above.folders.pop_back();
    return to;
}

}  // namespace

Status remove_tree(const std::filesystem::path& tree) {
    if (::unlink(tree.c_str()) == 0 || errno == ENOENT) return {};
    if (errno != EISDIR) return failed(tree);
    FileDescriptor at = open_in(AT_FDCWD, tree.c_str());
    std::vector<Level> way(1);
    while (at.valid()) {
        Level& here = way.back();
        if (here.folders.empty() && !clear(at.get(), here.folders)) return failed(tree);
        if (!here.folders.empty()) {
            if (::fstat(at.get(), &here.status) != 0) return failed(tree);
            at = open_in(at.get(), here.folders.back().c_str());
            way.emplace_back();
            continue;
        }
        way.pop_back();
        if (way.empty()) return ::rmdir(tree.c_str()) == 0 ? Status() : failed(tree);
        at = climb(at, way.back());
    }
    return failed(tree);
}

}  // namespace hallmark::store
