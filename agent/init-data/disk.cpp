// SPDX-License-Identifier: Apache-2.0
#include "agent/init-data/disk.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "agent/block_devices.hpp"
#include "common/descriptor.hpp"
#include "common/formats/init_data.hpp"

namespace hallmark::guest {
namespace {

constexpr std::size_t kMagicSize = 8;
/// Of which anything means something: a header, and what is compressed.
constexpr std::size_t kLargestDisk = init_data::kLargestDocument + 16;

/// Up to `limit` bytes from the beginning.
Result<Bytes> read_start(int disk, const std::string& path, std::size_t limit) {
    Bytes content(limit);
    std::size_t size = 0;
    while (size < limit) {
        const auto count = ::pread(disk, content.data() + size, limit - size, static_cast<off_t>(size));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return std::unexpected(system_error(path, Fault::kNo));
        if (count == 0) break;
        size += static_cast<std::size_t>(count);
    }
    content.resize(size);
    return content;
}

/// The document on that disk, or nothing where it is another disk.
Result<std::optional<Bytes>> read_one(const std::string& path) {
    const FileDescriptor disk(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!disk.valid()) return std::unexpected(system_error(path, Fault::kNo));
    HALLMARK_TRY(const Bytes start, read_start(disk.get(), path, kMagicSize));
    if (!init_data::is_disk(start)) return std::nullopt;
    HALLMARK_TRY(const Bytes content, read_start(disk.get(), path, kLargestDisk));
    HALLMARK_TRY(Bytes document, init_data::read_disk(content, path));
    return document;
}

}  // namespace

Result<std::optional<Bytes>> find_init_data(const Roots& roots) {
    HALLMARK_TRY(const auto names, disk_names(roots));
    std::optional<Bytes> document;
    std::string found_on;
    for (const auto& name : names) {
        const std::string path = roots.dev + "/" + name;
        HALLMARK_TRY(auto found, read_one(path));
        if (!found) continue;
        if (document) return refused("two init-data disks, " + found_on + " and " + path + ", expected at most one");
        document = std::move(found);
        found_on = path;
    }
    return document;
}

}  // namespace hallmark::guest
