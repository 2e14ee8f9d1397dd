// SPDX-License-Identifier: Apache-2.0
#include "measure/tdx/td_hob.hpp"

#include <gtest/gtest.h>

#include "common/digest.hpp"
#include "common/endian.hpp"
#include "common/hex.hpp"
#include "tests/support/expect_error.hpp"

namespace hallmark::tdx {
namespace {

using namespace hallmark::test;
using ovmf::TdxSection;
using ovmf::TdxSectionType;

constexpr std::uint64_t kMiB = 1ULL << 20;
constexpr std::uint64_t kGiB = 1ULL << 30;

TdxSection memory_section(std::uint64_t gpa, std::uint64_t size, TdxSectionType type) {
    return {0, 0, gpa, size, type, 0};
}

/// The layout of the vectors' page.
std::vector<TdxSection> sections() {
    return {memory_section(0x810000, 0x10000, TdxSectionType::kTemporaryMemory),
            memory_section(0x80b000, 0x2000, TdxSectionType::kTemporaryMemory),
            memory_section(0x809000, 0x2000, TdxSectionType::kHandOff),
            memory_section(0x800000, 0x6000, TdxSectionType::kTemporaryMemory)};
}

std::uint64_t field(const Bytes& list, std::size_t offset) {
    Le64 value;
    std::ranges::copy(ByteSpan(list).subspan(offset, 8), as_writable_bytes(value).begin());
    return value;
}

// Seen in a real log (intel-tdx/CCEL_data_ovmf, first event).
TEST(TdHob, IsWhatARealGuestOf2GiBMeasured) {
    const auto list = td_hob(sections(), 2 * kGiB, "f.fd");
    ASSERT_TRUE(list) << list.error().message;
    EXPECT_EQ(to_hex(sha384(*list)),
              "0b8772e5b0b41b83e6044a68397e02f49fb47066b4fbe4917ea2c45c64f323fd"
              "acbb37948f821ebaf8bc9c938ba8a749");
}

TEST(TdHob, PutsMemoryAbove2816MiBBehind4GiB) {
    EXPECT_EQ(memory_below_4g(0xb0000000 - 1), 0xb0000000 - 1);
    EXPECT_EQ(memory_below_4g(0xb0000000), 0x80000000);
    const auto small = td_hob(sections(), 2815 * kMiB, "f.fd");
    const auto large = td_hob(sections(), 4 * kGiB, "f.fd");
    ASSERT_TRUE(small && large);
    ASSERT_EQ(large->size(), small->size() + 48);
    const auto last = large->size() - 48;
    EXPECT_EQ(field(*large, last + 32), 4 * kGiB);
    EXPECT_EQ(field(*large, last + 40), 2 * kGiB);
    EXPECT_EQ(field(*large, last - 48 + 32), 0x820000U);
    EXPECT_EQ(field(*large, last - 48 + 40), 0x80000000U - 0x820000U);
    EXPECT_EQ(field(*large, 48), 0x809000U + large->size() + 8) << "the end of the list, behind its end block";
}

TEST(TdHob, DependsOnMemoryAndSections) {
    const auto before = td_hob(sections(), 2 * kGiB, "f.fd");
    EXPECT_NE(*td_hob(sections(), 2 * kGiB + kMiB, "f.fd"), *before);
    auto moved = sections();
    moved[0].memory_size += 0x1000;
    EXPECT_NE(*td_hob(moved, 2 * kGiB, "f.fd"), *before);
    auto other_order = sections();
    std::swap(other_order[0], other_order[3]);
    EXPECT_EQ(*td_hob(other_order, 2 * kGiB, "f.fd"), *before) << "the list is by address";
}

TEST(TdHob, RefusesWhatCannotBeLaidOut) {
    expect_error(td_hob({}, kGiB, "f.fd"), {"f.fd", "no TD_HOB"});
    expect_error(td_hob(sections(), 8 * kMiB, "f.fd"), {"0x800000-0x806000", "more memory"});
    expect_error(td_hob(sections(), 1ULL << 53, "f.fd"), {"at most"});
    auto overlap = sections();
    overlap[1].memory_size = 0x6000;
    expect_error(td_hob(overlap, kGiB, "f.fd"), {"0x80b000-0x811000", "overlap"});
    auto many = sections();
    for (std::uint64_t i = 0; i < 100; ++i)
        many.push_back(memory_section(0x1000000 + 0x2000 * i, 0x1000, TdxSectionType::kTemporaryMemory));
    expect_error(td_hob(many, kGiB, "f.fd"), {"TD_HOB section of 8192 bytes"});
}

}  // namespace
}  // namespace hallmark::tdx
