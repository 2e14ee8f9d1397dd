// SPDX-License-Identifier: Apache-2.0
#include "agent/data-hub/secret_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <system_error>

namespace hallmark::hub {
namespace {

constexpr mode_t kFolderMode = 0700;
constexpr mode_t kFileMode = 0600;
constexpr std::size_t kLongestName = 1024;

/// One segment of a name, which must not be a link.
FileDescriptor open_in(const FileDescriptor& folder, const std::string& segment, int flags) {
    return FileDescriptor(::openat(folder.get(), segment.c_str(), flags | O_NOFOLLOW | O_CLOEXEC));
}

/// Relative, and every segment a plain name.
bool is_name(std::string_view name) {
    if (name.empty() || name.size() > kLongestName || name.find('\0') != std::string_view::npos) return false;
    for (;;) {
        const auto end = name.find('/');
        const auto segment = name.substr(0, end);
        if (segment.empty() || segment == "." || segment == "..") return false;
        if (end == std::string_view::npos) return true;
        name.remove_prefix(end + 1);
    }
}

std::unexpected<Error> no_name(const std::string& folder) {
    return bad_input(folder +
                     ": found a name that leads elsewhere, expected one below this folder, without an empty "
                     "segment, '.' or '..'");
}

bool write_all(int file, ByteSpan bytes) {
    while (!bytes.empty()) {
        const auto count = ::write(file, bytes.data(), bytes.size());
        if (count < 0 && errno != EINTR) return false;
        if (count > 0) bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return true;
}

}  // namespace

Result<SecretFolder> SecretFolder::open(const std::filesystem::path& path) {
    std::error_code failed;
    std::filesystem::create_directories(path.parent_path(), failed);
    if (::mkdir(path.c_str(), kFolderMode) != 0 && errno != EEXIST)
        return std::unexpected(system_error(path.string(), Fault::kNo));
    FileDescriptor folder(::open(path.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!folder.valid()) return std::unexpected(system_error(path.string(), Fault::kNo));
    return SecretFolder(std::move(folder), path.string());
}

Error SecretFolder::failed(const std::string& name) const { return system_error(path_ + "/" + name, Fault::kNo); }

Result<std::string> SecretFolder::name_of(std::string_view path) const {
    const std::string prefix = path_ + "/";
    if (!path.starts_with(prefix) || !is_name(path.substr(prefix.size()))) return no_name(path_);
    return std::string(path.substr(prefix.size()));
}

Result<SecretFolder::Place> SecretFolder::place_of(const std::string& name, Folders folders) const {
    if (!is_name(name)) return no_name(path_);
    Place place{.folder = open_in(folder_, ".", O_PATH | O_DIRECTORY), .last = name};
    while (place.folder.valid()) {
        const auto end = place.last.find('/');
        if (end == std::string::npos) return place;
        const std::string segment = place.last.substr(0, end);
        if (folders == Folders::kMade && ::mkdirat(place.folder.get(), segment.c_str(), kFolderMode) != 0 &&
            errno != EEXIST)
            break;
        place.folder = open_in(place.folder, segment, O_PATH | O_DIRECTORY);
        place.last.erase(0, end + 1);
    }
    return std::unexpected(failed(name));
}

Status SecretFolder::write(const std::string& name, ByteSpan bytes) const {
    HALLMARK_TRY(const Place place, place_of(name, Folders::kMade));
    const auto& [folder, last] = place;
    // Beside it, and never in the place of anything: the final name shows up with the whole content.
    const std::string temporary = ".new-" + std::to_string(::getpid()) + "-" + std::to_string(::gettid());
    ::unlinkat(folder.get(), temporary.c_str(), 0);
    const FileDescriptor file(
        ::openat(folder.get(), temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kFileMode));
    if (!file.valid()) return std::unexpected(failed(name));
    const bool written = ::fchmod(file.get(), kFileMode) == 0 && write_all(file.get(), bytes) &&
                         ::renameat(folder.get(), temporary.c_str(), folder.get(), last.c_str()) == 0;
    if (written) return {};
    const Error reason = failed(name);
    ::unlinkat(folder.get(), temporary.c_str(), 0);
    return std::unexpected(reason);
}

Result<Bytes> SecretFolder::read(const std::string& name, std::size_t limit) const {
    HALLMARK_TRY(const Place place, place_of(name, Folders::kAsTheyAre));
    const FileDescriptor file = open_in(place.folder, place.last, O_RDONLY | O_NONBLOCK);
    struct stat status{};
    if (!file.valid() || ::fstat(file.get(), &status) != 0) return std::unexpected(failed(name));
    if (!S_ISREG(status.st_mode)) return refused(path_ + "/" + name + ": not a regular file");
    if (static_cast<std::uint64_t>(status.st_size) > limit)
        return refused(path_ + "/" + name + ": " + std::to_string(status.st_size) + " bytes, expected at most " +
                       std::to_string(limit));
    Bytes bytes(static_cast<std::size_t>(status.st_size));
    std::size_t used = 0;
    while (used < bytes.size()) {
        const auto count = ::read(file.get(), bytes.data() + used, bytes.size() - used);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return std::unexpected(failed(name));
        if (count == 0) break;
        used += static_cast<std::size_t>(count);
    }
    bytes.resize(used);
    return bytes;
}

}  // namespace hallmark::hub
