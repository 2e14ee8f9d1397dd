// SPDX-License-Identifier: Apache-2.0
#include "measure/igvm/file.hpp"

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_igvm.hpp"

namespace hallmark::igvm {
namespace {

using namespace hallmark::test;

Result<File> parse(const Bytes& bytes) { return File::parse(RandomAccess::of(bytes), "f.igvm"); }

IgvmWriter small() {
    IgvmWriter writer;
    writer.platform(1, PlatformType::kSevSnp).platform(8, PlatformType::kTdx).page(0x3000, 9);
    return writer;
}

TEST(IgvmFile, ReadsHeadersInTheirOrder) {
    const auto bytes = small().bytes();
    const auto file = parse(bytes);
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(file->version(), 1U);
    EXPECT_EQ(file->page_size(), 4096U);
    ASSERT_EQ(file->platforms().size(), 2U);
    EXPECT_EQ(file->find_platform(PlatformType::kTdx)->compatibility_mask, 8U);
    EXPECT_EQ(file->find_platform(PlatformType::kVsmIsolation), nullptr);
    ASSERT_EQ(file->headers().size(), 1U);
    const auto& header = file->headers().front();
    EXPECT_EQ(name_of(header), "IGVM_VHT_PAGE_DATA");
    EXPECT_EQ(header.offset, 24U + 24U + 24U + 8U);
    EXPECT_EQ(file->compatibility_mask(header), 9U);
    EXPECT_EQ(file->structure<PageData>(header).gpa, 0x3000U);
}

TEST(IgvmFile, ATypeThatMayBeIgnoredIsKeptWithoutThatBit) {
    auto writer = small();
    writer.add(static_cast<HeaderType>(kMayBeIgnored | 0x3f0), Parameter{});
    const auto bytes = writer.bytes();
    const auto file = parse(bytes);
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(file->headers().back().type, 0x3f0U);
    EXPECT_TRUE(file->headers().back().may_be_ignored);
    EXPECT_EQ(file->compatibility_mask(file->headers().back()), std::nullopt);
}

TEST(IgvmFile, ChecksumCoversEveryHeaderByteAndNoData) {
    const Bytes data(16, 7);
    const auto good = small().bytes(data);
    for (std::size_t i = 0; i < good.size(); ++i) {
        auto changed = good;
        changed[i] ^= 1;
        EXPECT_EQ(parse(changed).has_value(), i >= good.size() - data.size()) << i;
    }
}

TEST(IgvmFile, RefusesEveryTruncation) {
    const auto good = small().bytes();
    for (std::size_t size = 0; size < good.size(); ++size) {
        auto cut = Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_FALSE(parse(cut)) << size;
        seal_igvm(cut);
        EXPECT_FALSE(parse(cut)) << size;
    }
}

TEST(IgvmFile, AHeaderMayNotPassTheSection) {
    auto bytes = small().bytes();
    bytes[24 + 4] = 0xf0;  // the length of the first platform
    seal_igvm(bytes);
    expect_error(parse(bytes), {"f.igvm", "offset 0x20", "expected 240"});
}

}  // namespace
}  // namespace hallmark::igvm
