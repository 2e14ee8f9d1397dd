// SPDX-License-Identifier: Apache-2.0
#include "boot/qemu/memory.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace hallmark::boot {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;
constexpr std::uint64_t kFourGiB = std::uint64_t{1} << 32;
using Addresses = std::vector<std::uint64_t>;

/// 8 MiB of RAM in a file: the first four at address 0, the rest behind 4 GiB, with something else between.
class FindInMemory : public ::testing::Test {
protected:
    FileDescriptor ram_ = make_memory_file("ram", 8 * kMiB).value();
    FileDescriptor transfer_ = make_memory_file("transfer", 0).value();
    GuestMemory memory_{ram_, transfer_,
                        MemoryMap({{.first = 0, .last = 4 * kMiB - 1, .kind = "ram", .region = "ram0", .offset = 0},
                                   {.first = 0xffc00000, .last = kFourGiB - 1, .kind = "rom", .region = "pc.bios"},
                                   {.first = kFourGiB,
                                    .last = kFourGiB + 4 * kMiB - 1,
                                    .kind = "ram",
                                    .region = "ram0",
                                    .offset = 4 * kMiB}})};
    const Bytes word_{1, 2, 3, 4, 1, 2, 3, 5};

    void write(std::uint64_t address) { ASSERT_TRUE(memory_.write(address, word_)); }
};

TEST_F(FindInMemory, EveryPlaceInOrderAndAcrossBlocks) {
    write(kFourGiB + 3 * kMiB);
    write(0);         // where reading begins, a MiB at once
    write(kMiB - 4);  // across a border
    write(2 * kMiB - 8);
    write(4 * kMiB - 8);
    EXPECT_EQ(memory_.find(word_, 4).value(),
              (Addresses{0, kMiB - 4, 2 * kMiB - 8, 4 * kMiB - 8, kFourGiB + 3 * kMiB}));
}

TEST_F(FindInMemory, OnlyAsAligned) {
    write(0x1000);
    write(0x1014);
    write(0x101f);
    EXPECT_EQ(memory_.find(word_, 8).value(), Addresses{0x1000});
    EXPECT_EQ(memory_.find(word_, 1).value(), (Addresses{0x1000, 0x1014, 0x101f}));
}

TEST_F(FindInMemory, PlacesMayOverlap) {
    ASSERT_TRUE(memory_.write(0x2000, Bytes(6, 7)));
    EXPECT_EQ(memory_.find(Bytes(4, 7), 1).value(), (Addresses{0x2000, 0x2001, 0x2002}));
}

TEST_F(FindInMemory, NotWhereOneRangeEndsAndAnotherBegins) {
    ASSERT_TRUE(memory_.write(4 * kMiB - 4, ByteSpan(word_).first(4)));
    ASSERT_TRUE(memory_.write(kFourGiB, ByteSpan(word_).subspan(4)));
    EXPECT_TRUE(memory_.find(word_, 4).value().empty());
}

}  // namespace
}  // namespace hallmark::boot
