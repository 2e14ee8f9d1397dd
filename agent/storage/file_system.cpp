// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/file_system.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "agent/storage/tool.hpp"
#include "common/bytes.hpp"
#include "common/descriptor.hpp"

namespace hallmark::storage {
namespace {

constexpr const char* kMakeFileSystem = "/usr/sbin/mke2fs";
constexpr std::size_t kEnd = 1024UL * 1024;

/// Both ends of the device are what is looked at for an older file system, and written in parts of a sector.
Status write_ends(const std::string& path) {
    const FileDescriptor device(::open(path.c_str(), O_RDWR | O_EXCL | O_CLOEXEC));
    if (!device.valid()) return std::unexpected(system_error(path, Fault::kNo));
    const off_t size = ::lseek(device.get(), 0, SEEK_END);
    const Bytes zeros(kEnd);
    const auto end = static_cast<off_t>(kEnd);
    if (size < 2 * end) return refused(path + ": " + std::to_string(size) + " bytes are too few for a file system");
    for (const off_t offset : {off_t{0}, size - end})
        if (::pwrite(device.get(), zeros.data(), zeros.size(), offset) != static_cast<ssize_t>(zeros.size()))
            return std::unexpected(system_error(path + ": writing", Fault::kNo));
    if (::fsync(device.get()) != 0) return std::unexpected(system_error(path + ": writing", Fault::kNo));
    return {};
}

}  // namespace

Status make_file_system(const std::string& device, bool lasting) {
    HALLMARK_CHECK(write_ends(device));
    // A journal is written out whole, since after a crash it is read whole. Tables of inodes are written later, unless
    // all of it is gone by then.
    std::vector<std::string> argv{kMakeFileSystem,
                                  "-q",
                                  "-F",
                                  "-t",
                                  "ext4",
                                  "-b",
                                  "4096",
                                  "-m",
                                  "0",
                                  "-E",
                                  "nodiscard,lazy_itable_init=1,lazy_journal_init=0"};
    if (!lasting) argv.insert(argv.end(), {"-O", "^has_journal"});
    argv.push_back(device);
    return run_tool_well(argv, {});
}

Status mount_file_system(const std::string& device, const std::string& folder, unsigned long flags) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return refused(folder + ": " + error.message());
    if (::mount(device.c_str(), folder.c_str(), "ext4", flags, "errors=remount-ro") == 0) return {};
    return std::unexpected(system_error("mounting " + device + " on " + folder, Fault::kNo));
}

}  // namespace hallmark::storage
