// SPDX-License-Identifier: Apache-2.0
#include "agent/unpack/tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "agent/oci/text.hpp"
#include "agent/unpack/resolve.hpp"

namespace hallmark::unpack {
namespace {

constexpr std::size_t kRemembered = 16;
/// Levels of a tree that is removed; one open folder each.
constexpr std::size_t kDeepest = 256;

constexpr int kLook = O_PATH | O_DIRECTORY;

Error error_at(const std::string& path) { return system_error("'" + oci::printable(path) + "'", Fault::kNo); }

}  // namespace

bool is_whiteout(const struct stat& status) { return S_ISCHR(status.st_mode) && status.st_rdev == 0; }

Folder Tree::remember(const std::string& path, FileDescriptor folder) {
    if (recent_.size() == kRemembered) recent_.pop_back();
    auto shared = std::make_shared<const FileDescriptor>(std::move(folder));
    recent_.emplace(recent_.begin(), path, shared);
    return shared;
}

Result<Folder> Tree::existing_folder(const std::string& path) {
    const auto found = std::ranges::find(recent_, path, [](const auto& known) -> const auto& { return known.first; });
    if (found != recent_.end()) {
        std::rotate(recent_.begin(), found, found + 1);
        return recent_.front().second;
    }
    FileDescriptor opened = resolve(root_, path, kLook);
    if (!opened.valid()) {
        if (errno == ENOENT || errno == ENOTDIR) return Folder();
        return std::unexpected(error_at(path));
    }
    return remember(path, std::move(opened));
}

Result<Folder> Tree::folder(const std::string& path) {
    HALLMARK_TRY(const Folder there, existing_folder(path));
    if (there) return there;
    return make_missing(path);
}

Result<Folder> Tree::make_missing(const std::string& path) {
    const auto [above, name] = split(path);
    HALLMARK_TRY(const Folder in, folder(above));
    struct stat status{};
    if (::fstatat(in->get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && !is_whiteout(status))
        return refused("'" + oci::printable(path) + "' is no folder, or a link to one that this layer doesn't have");
    HALLMARK_TRY(const ino_t inode, make_folder(in, name));
    attributes_.set(inode, path, {.implied = true});
    FileDescriptor opened(::openat(in->get(), name.c_str(), kLook | O_NOFOLLOW | O_CLOEXEC));
    if (!opened.valid()) return std::unexpected(error_at(path));
    return remember(path, std::move(opened));
}

Result<ino_t> Tree::make_folder(const Folder& in, const std::string& name) {
    struct stat status{};
    bool hides = false;
    if (::mkdirat(in->get(), name.c_str(), kWhileFilled) != 0) {
        if (errno != EEXIST || ::fstatat(in->get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
            return std::unexpected(error_at(name));
        if (S_ISDIR(status.st_mode)) return status.st_ino;
        hides = is_whiteout(status);
        HALLMARK_CHECK(remove(in, name));
        if (::mkdirat(in->get(), name.c_str(), kWhileFilled) != 0) return std::unexpected(error_at(name));
    }
    if (hides) HALLMARK_CHECK(make_opaque(in, name));
    if (::fstatat(in->get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return std::unexpected(error_at(name));
    return status.st_ino;
}

Status Tree::make_opaque(const Folder& in, const std::string& name) {
    const FileDescriptor folder(::openat(in->get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!folder.valid()) return std::unexpected(error_at(name));
    return unpack::make_opaque(folder.get(), rights_);
}

Status Tree::remove(const Folder& from, const std::string& name) {
    // What was known of paths may have led through it.
    recent_.clear();
    return remove_at(from->get(), name, 0);
}

Status Tree::remove_at(int folder, const std::string& name, std::size_t depth) {
    if (::unlinkat(folder, name.c_str(), 0) == 0) return {};
    if (errno != EISDIR) return std::unexpected(error_at(name));
    if (depth == kDeepest)
        return refused("'" + oci::printable(name) + "': a tree of more than " + std::to_string(kDeepest) +
                       " levels would have to be replaced");
    const FileDescriptor inside(::openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat status{};
    if (!inside.valid() || ::fstat(inside.get(), &status) != 0) return std::unexpected(error_at(name));
    HALLMARK_CHECK(remove_content(inside.get(), depth + 1));
    if (::unlinkat(folder, name.c_str(), AT_REMOVEDIR) != 0) return std::unexpected(error_at(name));
    attributes_.forget(status.st_ino);
    return {};
}

Status Tree::remove_content(int folder, std::size_t depth) {
    const auto close = [](DIR* stream) { ::closedir(stream); };
    const int own = ::dup(folder);  // which the stream closes
    const std::unique_ptr<DIR, decltype(close)> stream(::fdopendir(own), close);
    if (!stream) {
        const auto error = error_at(".");
        if (own >= 0) ::close(own);
        return std::unexpected(error);
    }
    for (;;) {
        errno = 0;
        const dirent* found = ::readdir(stream.get());
        if (found == nullptr) break;
        const std::string name = found->d_name;
        if (name != "." && name != "..") HALLMARK_CHECK(remove_at(folder, name, depth));
    }
    if (errno != 0) return std::unexpected(error_at("."));
    return {};
}

}  // namespace hallmark::unpack
