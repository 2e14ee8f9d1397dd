// SPDX-License-Identifier: Apache-2.0
#include "boot/qemu/memory_map.hpp"

#include <gtest/gtest.h>

#include "tests/unit/boot/memory_map_sample.hpp"

namespace hallmark::boot {
namespace {

std::string with(const std::string& old, const std::string& replacement) {
    std::string text = test::kMemoryMapSample;
    const auto at = text.find(old);
    return at == std::string::npos ? "" : text.replace(at, old.size(), replacement);
}

TEST(MemoryMap, FirmwareIsWhatEndsAtFourGiB) {
    const auto map = parse_memory_map(test::kMemoryMapSample);
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
    const auto map = parse_memory_map(test::kMemoryMapSample);
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
                             with("@00000000003e0000", "@fffffffffffff000"),
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
