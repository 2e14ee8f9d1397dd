// SPDX-License-Identifier: Apache-2.0
// Source: systemd.exec(5), "Credentials": files below $CREDENTIALS_DIRECTORY, mode 0400, or 0440 where an access
// control list names the service's user.
#include "relying-party/keys/private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "common/descriptor.hpp"

namespace hallmark::keys {
namespace {

constexpr mode_t kOthers = S_IRWXG | S_IRWXO;
constexpr mode_t kOthersOfCredential = kOthers & static_cast<mode_t>(~S_IRGRP);

std::filesystem::path folder_of(const std::filesystem::path& file) {
    return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

std::string octal(mode_t mode) {
    std::array<char, 8> text{};
    static_cast<void>(std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode & 07777U)));
    return text.data();
}

bool is_mine(const struct stat& status) { return status.st_uid == ::geteuid(); }

Status check_status(const struct stat& status, mode_t forbidden, const std::string& name) {
    if (!S_ISREG(status.st_mode)) return bad_input(name + ": not a regular file; name a file, no link");
    if (!is_mine(status) && status.st_uid != 0)
        return bad_input(name + ": belongs to user " + std::to_string(status.st_uid) + ", expected " +
                         std::to_string(::geteuid()) + " or root");
    if ((status.st_mode & forbidden) != 0)
        return bad_input(name + ": mode " + octal(status.st_mode) +
                         ", expected one that nobody else can use it with; chmod 600");
    return {};
}

Result<Secret> read_checked(const std::filesystem::path& file, std::size_t limit, mode_t forbidden) {
    const std::string name = file.string();
    // O_NONBLOCK: a pipe in the place of a file must not stop the program.
    const FileDescriptor open_file(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!open_file.valid()) return std::unexpected(system_error(name));
    struct stat status{};
    if (::fstat(open_file.get(), &status) != 0) return std::unexpected(system_error(name));
    HALLMARK_CHECK(check_status(status, forbidden, name));
    if (std::cmp_greater(status.st_size, limit))
        return bad_input(name + ": " + std::to_string(status.st_size) + " bytes, expected at most " +
                         std::to_string(limit));
    // Never grown, so nothing of it stays behind in memory that was given back.
    const auto size = static_cast<std::size_t>(status.st_size);
    Bytes bytes(size);
    std::size_t used = 0;
    ssize_t count = 1;
    while (used < size && count != 0) {
        count = ::read(open_file.get(), bytes.data() + used, size - used);
        if (count < 0 && errno != EINTR) break;
        if (count > 0) used += static_cast<std::size_t>(count);
    }
    const int number = errno;
    Secret secret(std::move(bytes));
    errno = number;
    if (count < 0) return std::unexpected(system_error(name));
    if (used != size) return bad_input(name + ": became shorter while it was read; read it again");
    return secret;
}

Status write_all(int fd, ByteSpan bytes, const std::string& name) {
    while (!bytes.empty()) {
        const auto written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return std::unexpected(system_error(name));
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    if (::fsync(fd) != 0) return std::unexpected(system_error(name));
    return {};
}

}  // namespace

Status check_folder_of(const std::filesystem::path& file) {
    const auto folder = folder_of(file);
    struct stat status{};
    if (::stat(folder.c_str(), &status) != 0) return std::unexpected(system_error(folder.string()));
    if (!S_ISDIR(status.st_mode)) return bad_input(folder.string() + ": not a folder, expected one");
    if (!is_mine(status) && status.st_uid != 0)
        return bad_input(folder.string() + ": belongs to user " + std::to_string(status.st_uid) + ", expected " +
                         std::to_string(::geteuid()) + " or root");
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return bad_input(folder.string() + ": mode " + octal(status.st_mode) +
                         " lets others replace what lies in it; chmod 700, or name another folder");
    return {};
}

Status check_private(const std::filesystem::path& file) {
    struct stat status{};
    if (::lstat(file.c_str(), &status) != 0) return std::unexpected(system_error(file.string()));
    return check_status(status, kOthers, file.string());
}

Result<Secret> read_private(const std::filesystem::path& file, std::size_t limit) {
    return read_checked(file, limit, kOthers);
}

Result<Secret> read_credential(std::string_view name, std::size_t limit) {
    if (name.empty() || name.front() == '.' || name.find('/') != std::string_view::npos || name.size() > 255)
        return bad_input("credential: the name is none; expected what stands in LoadCredential=NAME:…");
    const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
    if (folder == nullptr || *folder == '\0')
        return bad_input("credential " + std::string(name) +
                         ": $CREDENTIALS_DIRECTORY is not set; run as a service with LoadCredential=, or name a file");
    return read_checked(std::filesystem::path(folder) / name, limit, kOthersOfCredential);
}

Status create_private(const std::filesystem::path& file, ByteSpan bytes) {
    std::string temporary = file.string() + ".XXXXXX";
    const FileDescriptor open_file(::mkostemp(temporary.data(), O_CLOEXEC));  // mode 0600
    if (!open_file.valid()) return std::unexpected(system_error(temporary));
    auto status = write_all(open_file.get(), bytes, temporary);
    // Unlike rename(2), link(2) never replaces.
    if (status && ::link(temporary.c_str(), file.c_str()) != 0) status = std::unexpected(system_error(file.string()));
    ::unlink(temporary.c_str());
    if (!status) return status;
    return sync_folder_of(file);
}

Status sync_folder_of(const std::filesystem::path& file) {
    const auto folder = folder_of(file);
    const FileDescriptor open_folder(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!open_folder.valid() || ::fsync(open_folder.get()) != 0) return std::unexpected(system_error(folder.string()));
    return {};
}

}  // namespace hallmark::keys
