// SPDX-License-Identifier: Apache-2.0
#include "agent/init/root_disk.hpp"

#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "agent/block_devices.hpp"
#include "common/descriptor.hpp"

namespace hallmark::guest {
namespace {

constexpr std::size_t kBlock = 4096;             // alignment for O_DIRECT: dm-verity's block
constexpr std::size_t kReadAtOnce = 512 * 1024;  // large enough that hashing, not calls, is the work
constexpr const char* kMapper = "/dev/mapper/control";

struct Freed {
    void operator()(void* memory) const { std::free(memory); }
};

/// DM_TABLE_STATUS: a header, the description of the first target, and what that target says of itself.
struct TableStatus {
    dm_ioctl header;
    dm_target_spec target;
    std::array<char, 1024> says;
};
static_assert(offsetof(TableStatus, target) == sizeof(dm_ioctl));
static_assert(offsetof(TableStatus, says) == sizeof(dm_ioctl) + sizeof(dm_target_spec));

/// A text that the kernel fills in, whether it ends it or not.
std::string_view text_in(std::span<const char> field) { return {field.data(), ::strnlen(field.data(), field.size())}; }

/// The number of the device that holds "/".
Result<dev_t> root_number() {
    struct stat status{};
    if (::stat("/", &status) != 0) return std::unexpected(system_error("/", Fault::kNo));
    return status.st_dev;
}

/// "/dev/dm-0", from that number.
Result<std::string> root_device(dev_t device) { return device_path(Roots(), major(device), minor(device)); }

}  // namespace

Result<std::uint64_t> read_all_blocks(int file, std::string_view name) {
    const std::unique_ptr<void, Freed> buffer(std::aligned_alloc(kBlock, kReadAtOnce));
    if (!buffer) return refused(std::string(name) + ": no memory to read it");
    std::size_t size = kReadAtOnce;
    for (std::uint64_t offset = 0;;) {
        const auto count = ::pread(file, buffer.get(), size, static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && std::exchange(size, kBlock) != kBlock) continue;  // which block of them is it?
        if (count < 0)
            return std::unexpected(system_error("the root file system is damaged: " + std::string(name) +
                                                    " can't be read at byte " + std::to_string(offset),
                                                Fault::kNo));
        if (count == 0) return offset;
        offset += static_cast<std::uint64_t>(count);
    }
}

Result<std::uint64_t> read_root_disk() {
    HALLMARK_TRY(const dev_t number, root_number());
    HALLMARK_TRY(const std::string path, root_device(number));
    const FileDescriptor device(::open(path.c_str(), O_RDONLY | O_DIRECT | O_CLOEXEC));
    if (!device.valid()) return std::unexpected(system_error(path, Fault::kNo));
    return read_all_blocks(device.get(), path);
}

Status judge_target(std::string_view type, std::string_view says) {
    if (type != "verity" || says.substr(0, says.find(' ')) == "V") return {};
    return refused("the root file system is damaged: dm-verity says '" + std::string(says) + "', expected 'V'");
}

Status ask_verity() {
    HALLMARK_TRY(const dev_t number, root_number());
    HALLMARK_TRY(const std::string path, root_device(number));
    if (!path.starts_with("/dev/dm-")) return {};
    const FileDescriptor control(::open(kMapper, O_RDWR | O_CLOEXEC));
    if (!control.valid()) return std::unexpected(system_error(kMapper, Fault::kNo));
    TableStatus table{};
    table.header.version[0] = DM_VERSION_MAJOR;
    table.header.data_size = sizeof table;
    table.header.data_start = sizeof table.header;
    table.header.dev = number;
    if (::ioctl(control.get(), DM_TABLE_STATUS, &table) != 0)
        return std::unexpected(system_error("status of " + path, Fault::kNo));
    if (table.header.target_count != 1 || (table.header.flags & DM_BUFFER_FULL_FLAG) != 0)
        return refused("status of " + path + ": " + std::to_string(table.header.target_count) +
                       " targets, expected one that says little");
    return judge_target(text_in(table.target.target_type), text_in(table.says));
}

Status keep_in_memory() {
    if (::mlockall(MCL_CURRENT) != 0) return std::unexpected(system_error("mlockall", Fault::kNo));
    return {};
}

}  // namespace hallmark::guest
