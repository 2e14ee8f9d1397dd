// SPDX-License-Identifier: Apache-2.0
#include "agent/init/root_disk.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "agent/kernel_file.hpp"
#include "common/descriptor.hpp"

namespace hallmark::guest {
namespace {

constexpr std::size_t kBlock = 4096;             // alignment for O_DIRECT: dm-verity's block
constexpr std::size_t kReadAtOnce = 512 * 1024;  // large enough that hashing, not calls, is the work
constexpr std::size_t kUeventLimit = 4096;

struct Freed {
    void operator()(void* memory) const { std::free(memory); }
};

/// "/dev/dm-0", from the number of the device that holds "/".
Result<std::string> root_device() {
    struct stat status{};
    if (::stat("/", &status) != 0) return std::unexpected(system_error("/", Fault::kNo));
    const std::string number = std::to_string(major(status.st_dev)) + ":" + std::to_string(minor(status.st_dev));
    const std::string path = "/sys/dev/block/" + number + "/uevent";
    HALLMARK_TRY(const Bytes bytes, read_kernel_file(path, kUeventLimit));
    constexpr std::string_view kName = "DEVNAME=";
    std::string_view rest(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    while (!rest.empty()) {
        const auto line = rest.substr(0, rest.find('\n'));
        if (line.starts_with(kName)) return "/dev/" + std::string(line.substr(kName.size()));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    }
    return refused(path + ": found no line " + std::string(kName) + ", expected the device that holds the root");
}

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
    HALLMARK_TRY(const std::string path, root_device());
    const FileDescriptor device(::open(path.c_str(), O_RDONLY | O_DIRECT | O_CLOEXEC));
    if (!device.valid()) return std::unexpected(system_error(path, Fault::kNo));
    return read_all_blocks(device.get(), path);
}

Status keep_in_memory() {
    if (::mlockall(MCL_CURRENT) != 0) return std::unexpected(system_error("mlockall", Fault::kNo));
    return {};
}

}  // namespace hallmark::guest
