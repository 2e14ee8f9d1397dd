// SPDX-License-Identifier: Apache-2.0
#include "common/formats/snp_report.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "common/file.hpp"
#include "common/hex.hpp"
#include "tests/support/vectors.hpp"

namespace hallmark::snp {
namespace {

TEST(SnpReport, ARealMilanReport) {
    HALLMARK_VECTOR(path, "amd-sev/report_milan_v2.hex");
    const auto file = read_file(path, 4096).value();
    std::string text(file.begin(), file.end());
    std::erase_if(text, [](char c) { return c == '\n'; });
    const auto report = parse_report(from_hex(text).value());
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->version, 2U);
    EXPECT_EQ(report->signature_algorithm, kEcdsaP384Sha384);
    EXPECT_NE(report->policy & kPolicyReservedMustBeOne, 0U);
    EXPECT_FALSE(all_zero(report->chip_id));
    EXPECT_FALSE(all_zero(report->measurement));
    // r and s are 48-byte numbers in 72-byte fields: what is behind them is zero, they are not.
    EXPECT_TRUE(all_zero(ByteSpan(report->signature.r).subspan(48)));
    EXPECT_TRUE(all_zero(ByteSpan(report->signature.s).subspan(48)));
    EXPECT_FALSE(all_zero(ByteSpan(report->signature.s).first(48)));
    EXPECT_TRUE(all_zero(report->signature.reserved_090));
}

TEST(SnpReport, RefusesOtherSizesAndVersions) {
    Bytes bytes(sizeof(AttestationReport));
    EXPECT_NE(parse_report(bytes).error().message.find("version 0, expected 2 to 5"), std::string::npos);
    bytes[0] = 3;
    EXPECT_TRUE(parse_report(bytes));
    bytes.push_back(0);
    EXPECT_NE(parse_report(bytes).error().message.find("1 bytes left over"), std::string::npos);
    bytes.resize(sizeof(AttestationReport) - 1);
    EXPECT_FALSE(parse_report(bytes));
}

}  // namespace
}  // namespace hallmark::snp
