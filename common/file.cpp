// SPDX-License-Identifier: Apache-2.0
#include "common/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace hallmark {
namespace {

constexpr std::size_t kBlockSize = 256 * 1024;

Status write_all(int fd, ByteSpan bytes, const std::string& name) {
    while (!bytes.empty()) {
        const auto written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return std::unexpected(system_error(name));
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

Status write_synchronised(FileDescriptor& file, ByteSpan bytes, unsigned mode, const std::string& name) {
    HALLMARK_CHECK(write_all(file.get(), bytes, name));
    if (::fchmod(file.get(), static_cast<mode_t>(mode)) != 0 || ::fsync(file.get()) != 0)
        return std::unexpected(system_error(name));
    return {};
}

}  // namespace

Result<FileDescriptor> open_regular(const std::filesystem::path& path) {
    FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.valid()) return std::unexpected(system_error(path.string()));
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) return std::unexpected(system_error(path.string()));
    if (!S_ISREG(status.st_mode)) return bad_input(path.string() + ": not a regular file; name a file");
    return file;
}

Result<std::uint64_t> read_blocks(const std::filesystem::path& path, const std::function<void(ByteSpan)>& consume) {
    HALLMARK_TRY(const FileDescriptor file, open_regular(path));
    Bytes block(kBlockSize);
    std::uint64_t total = 0;
    for (;;) {
        const auto count = ::read(file.get(), block.data(), block.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return std::unexpected(system_error(path.string()));
        if (count == 0) return total;
        consume(ByteSpan(block).first(static_cast<std::size_t>(count)));
        total += static_cast<std::uint64_t>(count);
    }
}

Result<Bytes> read_file(const std::filesystem::path& path, std::size_t limit) {
    HALLMARK_TRY(const FileDescriptor file, open_regular(path));
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) return std::unexpected(system_error(path.string()));
    const auto too_large = [&](std::uint64_t size) {
        return bad_input(path.string() + ": " + std::to_string(size) + " bytes or more, expected at most " +
                         std::to_string(limit));
    };
    if (static_cast<std::uint64_t>(status.st_size) > limit)
        return too_large(static_cast<std::uint64_t>(status.st_size));
    // One byte more than expected shows a file that grows while it is read.
    Bytes bytes(static_cast<std::size_t>(status.st_size) + 1);
    std::size_t used = 0;
    for (;;) {
        if (used == bytes.size()) bytes.resize(bytes.size() + kBlockSize);
        const auto count = ::read(file.get(), bytes.data() + used, bytes.size() - used);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return std::unexpected(system_error(path.string()));
        if (count == 0) break;
        used += static_cast<std::size_t>(count);
        if (used > limit) return too_large(used);
    }
    bytes.resize(used);
    return bytes;
}

Result<FileDigest> digest_file(const std::filesystem::path& path) {
    Hasher<Sha256> hasher;
    FileDigest digest;
    HALLMARK_TRY(digest.size, read_blocks(path, [&](ByteSpan block) { hasher.update(block); }));
    digest.sha256 = hasher.finish();
    return digest;
}

Status write_file(const std::filesystem::path& path, ByteSpan bytes, unsigned mode) {
    std::string temporary = path.string() + ".XXXXXX";
    FileDescriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!file.valid()) return std::unexpected(system_error(temporary));
    auto status = write_synchronised(file, bytes, mode, temporary);
    if (status && ::rename(temporary.c_str(), path.c_str()) != 0) status = std::unexpected(system_error(path.string()));
    if (!status) ::unlink(temporary.c_str());
    return status;
}

Result<bool> create_file(const std::filesystem::path& path, ByteSpan bytes, unsigned mode) {
    std::string temporary = path.string() + ".XXXXXX";
    FileDescriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!file.valid()) return std::unexpected(system_error(temporary));
    const auto written = write_synchronised(file, bytes, mode, temporary);
    const bool linked = written && ::link(temporary.c_str(), path.c_str()) == 0;
    const int reason = errno;
    ::unlink(temporary.c_str());
    if (!written) return std::unexpected(written.error());
    if (linked) return true;
    if (reason == EEXIST) return false;
    errno = reason;
    return std::unexpected(system_error(path.string()));
}

}  // namespace hallmark
