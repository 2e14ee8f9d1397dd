// SPDX-License-Identifier: Apache-2.0
#include "common/formats/tdx_report.hpp"

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"

namespace hallmark::tdx {
namespace {

TEST(TdReport, ReadsEveryRegisterFromItsPlace) {
    Bytes bytes(1024);
    bytes[0] = 0x81;
    // Offsets as the ABI specification's tables have them.
    for (const std::size_t at :
         {128, 256 + 24, 512 + 0, 512 + 16, 512 + 64, 512 + 112, 512 + 160, 512 + 208, 512 + 352, 512 + 400})
        bytes[at] = static_cast<std::uint8_t>(at / 8);
    const auto report = parse_td_report(bytes);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->mac.report_data[0], 128 / 8);
    EXPECT_EQ(report->tee_tcb_info.mr_seam[0], (256 + 24) / 8);
    EXPECT_EQ(report->td_info.attributes, 64U);
    EXPECT_EQ(report->td_info.mr_td[0], 66);
    EXPECT_EQ(report->td_info.mr_config_id[0], 72);
    EXPECT_EQ(report->td_info.mr_owner[0], 78);
    EXPECT_EQ(report->td_info.mr_owner_config[0], 84);
    EXPECT_EQ(report->td_info.rtmr[0][0], 90);
    EXPECT_EQ(report->td_info.rtmr[3][0], 108);
    EXPECT_EQ(report->td_info.service_td_hash[0], 114);
    EXPECT_TRUE(equal(as_bytes(*report), bytes));
}

TEST(TdReport, RefusesOtherSizesAndTypes) {
    Bytes bytes(1024);
    test::expect_error(parse_td_report(bytes), {"type found 0x0", "0x81"});
    bytes[0] = 0x81;
    EXPECT_TRUE(parse_td_report(bytes));
    bytes.push_back(0);
    test::expect_error(parse_td_report(bytes), {"1 bytes left over"});
    bytes.resize(1023);
    test::expect_error(parse_td_report(bytes), {"expected 1024"});
}

}  // namespace
}  // namespace hallmark::tdx
