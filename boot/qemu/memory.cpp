// SPDX-License-Identifier: Apache-2.0
#include "boot/qemu/memory.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "common/hex.hpp"

namespace hallmark::boot {
namespace {

constexpr std::uint64_t kLargestFirmware = 64 * 1024 * 1024;

Result<Bytes> read_at(int fd, std::uint64_t offset, std::size_t size) {
    Bytes bytes(size);
    std::size_t done = 0;
    while (done < size) {
        const auto count = ::pread(fd, bytes.data() + done, size - done, static_cast<off_t>(offset + done));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return std::unexpected(system_error("guest memory"));
        if (count == 0)
            return refused("guest memory: " + std::to_string(done) + " bytes, expected " + std::to_string(size));
        done += static_cast<std::size_t>(count);
    }
    return bytes;
}

Status write_at(int fd, std::uint64_t offset, ByteSpan bytes) {
    while (!bytes.empty()) {
        const auto count = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return std::unexpected(system_error("guest memory"));
        bytes = bytes.subspan(static_cast<std::size_t>(count));
        offset += static_cast<std::uint64_t>(count);
    }
    return {};
}

/// Where the pattern begins in a part of a file; holes are skipped.
Result<std::vector<std::uint64_t>> find_in(int fd, std::uint64_t begin, std::uint64_t end, ByteSpan pattern) {
    constexpr std::uint64_t kBlock = 1024 * 1024;
    std::vector<std::uint64_t> found;
    for (std::uint64_t at = begin; at < end;) {
        const off_t data = ::lseek(fd, static_cast<off_t>(at), SEEK_DATA);
        if (data < 0 && errno == ENXIO) break;
        if (data < 0) return std::unexpected(system_error("guest memory"));
        at = static_cast<std::uint64_t>(data);
        if (at >= end) break;
        // A little of the next block too: the pattern may lie across the border.
        const std::uint64_t size = std::min(kBlock + pattern.size() - 1, end - at);
        HALLMARK_TRY(const Bytes bytes, read_at(fd, at, static_cast<std::size_t>(size)));
        ByteSpan rest(bytes);
        while (const void* place = ::memmem(rest.data(), rest.size(), pattern.data(), pattern.size())) {
            const auto index = static_cast<std::size_t>(static_cast<const std::uint8_t*>(place) - bytes.data());
            found.push_back(at + index);
            rest = ByteSpan(bytes).subspan(index + 1);
        }
        at += kBlock;
    }
    return found;
}

}  // namespace

Result<FileDescriptor> make_memory_file(const char* name, std::uint64_t size) {
    FileDescriptor file(::memfd_create(name, MFD_CLOEXEC));
    if (!file.valid() || ::ftruncate(file.get(), static_cast<off_t>(size)) != 0)
        return std::unexpected(system_error(std::string("memory file ") + name));
    return file;
}

Result<FileDescriptor> make_memory_file(const char* name, ByteSpan content) {
    HALLMARK_TRY(FileDescriptor file, make_memory_file(name, 0));
    HALLMARK_CHECK(write_at(file.get(), 0, content));
    return file;
}

std::string path_of(const FileDescriptor& file) { return "/proc/self/fd/" + std::to_string(file.get()); }

Result<Bytes> GuestMemory::read(std::uint64_t address, std::size_t size) const {
    HALLMARK_TRY(const auto offset, map_.ram_offset(kRamRegion, address, size));
    return read_at(ram_->get(), offset, size);
}

Status GuestMemory::write(std::uint64_t address, ByteSpan bytes) const {
    HALLMARK_TRY(const auto offset, map_.ram_offset(kRamRegion, address, bytes.size()));
    return write_at(ram_->get(), offset, bytes);
}

Result<std::vector<std::uint64_t>> GuestMemory::find(ByteSpan pattern, std::size_t alignment) const {
    std::vector<std::uint64_t> found;
    for (const auto& range : map_.ranges()) {
        if (range.region != kRamRegion) continue;
        const std::uint64_t end = range.offset + (range.last - range.first) + 1;
        HALLMARK_TRY(const auto offsets, find_in(ram_->get(), range.offset, end, pattern));
        for (const auto offset : offsets) {
            const std::uint64_t address = range.first + (offset - range.offset);
            if (address % alignment == 0) found.push_back(address);
        }
    }
    return found;
}

Result<bool> GuestMemory::untouched() const {
    // A page of a memory file that nobody wrote is a hole; what QEMU only read may be a page of zeros.
    off_t position = 0;
    for (;;) {
        const off_t data = ::lseek(ram_->get(), position, SEEK_DATA);
        if (data < 0 && errno == ENXIO) return true;
        if (data < 0) return std::unexpected(system_error("guest memory"));
        const off_t hole = ::lseek(ram_->get(), data, SEEK_HOLE);
        if (hole < 0) return std::unexpected(system_error("guest memory"));
        constexpr off_t kBlock = 1024 * 1024;
        for (position = data; position < hole; position += kBlock) {
            const auto size = static_cast<std::size_t>(std::min(kBlock, hole - position));
            HALLMARK_TRY(const Bytes bytes, read_at(ram_->get(), static_cast<std::uint64_t>(position), size));
            if (!all_zero(bytes)) return false;
        }
        position = hole;
    }
}

Result<GuestMemory::Firmware> GuestMemory::firmware(Qmp& qmp, Deadline deadline) const {
    HALLMARK_TRY(const MemoryRange range, map_.firmware());
    const std::uint64_t size = range.last - range.first + 1;
    if (size > kLargestFirmware)
        return refused("the firmware region has " + std::to_string(size) + " bytes, expected at most " +
                       std::to_string(kLargestFirmware));
    const Json arguments = {{"val", range.first}, {"size", size}, {"filename", path_of(*transfer_)}};
    HALLMARK_CHECK(qmp.execute("pmemsave", arguments, deadline));
    HALLMARK_TRY(Bytes bytes, read_at(transfer_->get(), 0, static_cast<std::size_t>(size)));
    return Firmware{range.first, std::move(bytes)};
}

}  // namespace hallmark::boot
