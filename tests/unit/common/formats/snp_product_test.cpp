// SPDX-License-Identifier: Apache-2.0
#include "common/formats/snp_product.hpp"

#include <gtest/gtest.h>

#include "common/guid.hpp"

namespace hallmark::snp {
namespace {

TEST(ProductLine, IsToldByFamilyAndModel) {
    // The ranges of the project's facts on AMD SEV, 2.10.
    EXPECT_EQ(product_line(0x19, 0x00), ProductLine::kMilan);
    EXPECT_EQ(product_line(0x19, 0x0f), ProductLine::kMilan);
    EXPECT_EQ(product_line(0x19, 0x10), ProductLine::kGenoa);
    EXPECT_EQ(product_line(0x19, 0x1f), ProductLine::kGenoa);
    EXPECT_EQ(product_line(0x19, 0x20), std::nullopt);
    EXPECT_EQ(product_line(0x19, 0xa0), ProductLine::kGenoa);
    EXPECT_EQ(product_line(0x19, 0xaf), ProductLine::kGenoa);
    EXPECT_EQ(product_line(0x19, 0xb0), std::nullopt);
    EXPECT_EQ(product_line(0x1a, 0x00), ProductLine::kTurin);
    EXPECT_EQ(product_line(0x1a, 0x11), ProductLine::kTurin);
    EXPECT_EQ(product_line(0x1a, 0x12), std::nullopt);
    EXPECT_EQ(product_line(0x1a, 0x50), std::nullopt);  // Venice: another TCB
    EXPECT_EQ(product_line(0x17, 0x31), std::nullopt);
}

TEST(TcbLayoutOfReport, FollowsTheProcessorFromVersionThreeOn) {
    AttestationReport report;
    report.version = 3U;
    report.cpuid_family = 0x1a;
    report.cpuid_model = 2;
    EXPECT_EQ(tcb_layout(report).value(), TcbLayout::kTurin);
    report.cpuid_family = 0x19;
    EXPECT_EQ(tcb_layout(report).value(), TcbLayout::kMilan);
    report.cpuid_family = 0x1a;
    report.cpuid_model = 0x50;
    EXPECT_FALSE(tcb_layout(report));
}

TEST(TcbLayoutOfReport, FollowsTheSizeOfTheChipIdBefore) {
    AttestationReport report;
    report.version = 2U;
    report.cpuid_family = 0x1a;                                // not told in version 2
    EXPECT_EQ(tcb_layout(report).value(), TcbLayout::kMilan);  // masked
    report.chip_id[7] = 1;
    EXPECT_EQ(tcb_layout(report).value(), TcbLayout::kTurin);
    report.chip_id[8] = 1;
    EXPECT_EQ(tcb_layout(report).value(), TcbLayout::kMilan);
}

TEST(GuidText, IsReadAsItIsWritten) {
    constexpr std::string_view kText = "a8074bc2-a25a-483e-aae6-39c045a0b8a1";
    EXPECT_EQ(parse_guid(kText).value(), guid(kText));
    EXPECT_EQ(parse_guid("A8074BC2-A25A-483E-AAE6-39C045A0B8A1").value().text(), kText);
    for (const std::string_view bad : {"", "a8074bc2", "a8074bc2-a25a-483e-aae6-39c045a0b8a",
                                       "a8074bc2-a25a-483e-aae6-39c045a0b8a12", "a8074bc2a25a-483e-aae6-39c045a0b8a1-",
                                       "a8074bc2-a25a-483e-aae6-39c045a0b8ag", "{8074bc2-a25a-483e-aae6-39c045a0b8a1"})
        EXPECT_FALSE(parse_guid(bad)) << bad;
}

}  // namespace
}  // namespace hallmark::snp
