// SPDX-License-Identifier: Apache-2.0
#include "boot/qemu/memory_map.hpp"

#include <gtest/gtest.h>

namespace hallmark::boot {
namespace {

// QEMU 11.1.3, -machine q35,memory-backend=ram0 -m 512M -smp 2 -bios OVMF.amdsev.fd, other views shortened.
constexpr const char* kSample = R"(FlatView #0
 AS "cpu-smm-1", root: memory
 Root memory region: memory
  0000000000000000-00000000ffffffff (prio 0, rom): not-this-view

FlatView #1
 AS "memory", root: system
 AS "cpu-memory-0", root: system
 AS "cpu-memory-1", root: system
 Root memory region: system
  0000000000000000-00000000000bffff (prio 0, ram): ram0
  00000000000c0000-00000000000dffff (prio 1, rom): pc.rom
  00000000000e0000-00000000000fffff (prio 0, rom): pc.bios @00000000003e0000
  0000000000100000-000000001fffffff (prio 0, ram): ram0 @0000000000100000
  00000000fec00000-00000000fec00fff (prio 0, i/o): ioapic
  00000000fee00000-00000000feefffff (prio 4096, i/o): apic-msi
  00000000ffc00000-00000000ffffffff (prio 0, rom): pc.bios

FlatView #2
 AS "I/O", root: io
 Root memory region: io
  0000000000000000-0000000000000007 (prio 0, i/o): dma-chan
)";

std::string with(const std::string& old, const std::string& replacement) {
    std::string text = kSample;
    const auto at = text.find(old);
    return at == std::string::npos ? "" : text.replace(at, old.size(), replacement);
}

TEST(MemoryMap, FirmwareIsWhatEndsAtFourGiB) {
    const auto map = parse_memory_map(kSample);
    ASSERT_TRUE(map) << map.error().message;
    EXPECT_EQ(map->ranges().size(), 7U);
    const auto firmware = map->firmware();
    ASSERT_TRUE(firmware);
    EXPECT_EQ(firmware->first, 0xffc00000U);
    EXPECT_EQ(firmware->region, "pc.bios");
}

TEST(MemoryMap, RamIsFoundWhereItLiesInItsFile) {
    const auto map = parse_memory_map(with("ram0 @0000000000100000", "ram0 @0000000000700000"));
    ASSERT_TRUE(map);
    EXPECT_EQ(map->ram_offset("ram0", 0x1000, 0x1000).value(), 0x1000U);
    EXPECT_EQ(map->ram_offset("ram0", 0x810000, 4096).value(), 0xe10000U);
    EXPECT_EQ(map->ram_offset("ram0", 0x1ffff000, 4096).value(), 0x205ff000U);
}

TEST(MemoryMap, WhatIsNotRamIsRefused) {
    const auto map = parse_memory_map(kSample);
    ASSERT_TRUE(map);
    EXPECT_FALSE(map->ram_offset("ram0", 0xbf000, 0x2000));             // runs into the option ROMs
    EXPECT_FALSE(map->ram_offset("ram0", 0xe0000, 0x1000));             // firmware
    EXPECT_FALSE(map->ram_offset("ram0", 0x1ffff000, 0x2000));          // beyond the end
    EXPECT_FALSE(map->ram_offset("ram0", 0x1000, 0));                   // nothing
    EXPECT_FALSE(map->ram_offset("ram0", 0x1000, 0xffffffffffffffff));  // overflow
    EXPECT_FALSE(map->ram_offset("ram1", 0x1000, 0x1000));
}

TEST(MemoryMap, MalformedTextIsRefused) {
    for (const auto& text : {with("00000000000c0000-", "00000000000c0000+"), with("(prio 1, rom)", "(prio 1 rom)"),
                             with("(prio 1, rom): ", "(prio 1, rom) "), with("@00000000003e0000", "@zz"),
                             with("00000000000c0000-00000000000dffff", "00000000000b0000-00000000000dffff"),
                             with("00000000000c0000-00000000000dffff", "00000000000dffff-00000000000c0000"),
                             with("AS \"memory\",", "AS \"other\","), std::string(), std::string("\n\n")}) {
        EXPECT_FALSE(parse_memory_map(text)) << text;
    }
}

TEST(MemoryMap, RamBelowFourGiBIsNoFirmware) {
    const auto map = parse_memory_map(with("00000000ffffffff (prio 0, rom): pc.bios\n\nFlatView #2",
                                           "00000000ffffffff (prio 0, ram): ram1\n\nFlatView #2"));
    ASSERT_TRUE(map);
    EXPECT_NE(map->firmware().error().message.find("no firmware"), std::string::npos);
}

}  // namespace
}  // namespace hallmark::boot
