// SPDX-License-Identifier: Apache-2.0
// Source: QEMU 11.1, system/memory.c, mtree_print_flatview: what "info mtree -f" prints.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace hallmark::boot {

/// One range of guest physical memory as the guest sees it while QEMU runs.
struct MemoryRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;    // inclusive
    std::string kind;          // "ram", "rom", "romd", "i/o", …
    std::string region;        // "ram0", "pc.bios", …
    std::uint64_t offset = 0;  // of `first` in that region
};

class MemoryMap {
public:
    explicit MemoryMap(std::vector<MemoryRange> ranges) : ranges_(std::move(ranges)) {}

    /// The firmware: what lies right below 4 GiB and is not plain RAM.
    Result<MemoryRange> firmware() const;
    /// Where guest physical `address` to `address + size` lies in the RAM region named, in bytes from its start.
    Result<std::uint64_t> ram_offset(std::string_view region, std::uint64_t address, std::uint64_t size) const;

    [[nodiscard]] const std::vector<MemoryRange>& ranges() const { return ranges_; }

private:
    std::vector<MemoryRange> ranges_;
};

/// Reads the flat view of the address space "memory" out of the answer of "info mtree -f".
Result<MemoryMap> parse_memory_map(std::string_view text);

}  // namespace hallmark::boot
