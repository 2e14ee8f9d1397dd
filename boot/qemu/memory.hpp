// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "boot/qemu/memory_map.hpp"
#include "boot/qemu/qmp.hpp"
#include "common/bytes.hpp"
#include "common/file.hpp"

namespace hallmark::boot {

/// Memory without a name or a path, shared with a process that inherits its descriptor.
Result<FileDescriptor> make_memory_file(const char* name, std::uint64_t size);
/// One that holds these bytes.
Result<FileDescriptor> make_memory_file(const char* name, ByteSpan content);

/// "/proc/self/fd/7": how a process that inherited the descriptor names it.
std::string path_of(const FileDescriptor& file);

/// The memory of a paused guest, read and written from outside.
class GuestMemory {
public:
    /// `ram` backs the region `kRamRegion`; `transfer` is an empty memory file through which QEMU hands out what is
    /// not in it. Both were inherited by QEMU. `map` is what QEMU says lies where.
    GuestMemory(const FileDescriptor& ram, const FileDescriptor& transfer, MemoryMap map)
        : ram_(&ram), transfer_(&transfer), map_(std::move(map)) {}

    /// Reads RAM; anything else at that address is refused.
    Result<Bytes> read(std::uint64_t address, std::size_t size) const;
    /// Writes RAM.
    Status write(std::uint64_t address, ByteSpan bytes) const;
    /// The addresses at which these bytes stand in RAM, whole multiples of `alignment`, in their order. The first of
    /// them is not zero: what was never written is not looked at.
    Result<std::vector<std::uint64_t>> find(ByteSpan pattern, std::size_t alignment) const;
    /// Whether no byte of the RAM was ever given content: true for a guest that has not started.
    Result<bool> untouched() const;
    /// The firmware as the guest would execute it: its first address and its bytes, through QEMU.
    struct Firmware {
        std::uint64_t address = 0;
        Bytes bytes;
    };
    Result<Firmware> firmware(Qmp& qmp, Deadline deadline) const;

    static constexpr std::string_view kRamRegion = "ram0";

private:
    const FileDescriptor* ram_;
    const FileDescriptor* transfer_;
    MemoryMap map_;
};

}  // namespace hallmark::boot
