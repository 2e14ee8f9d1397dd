// SPDX-License-Identifier: Apache-2.0
#include "measure/ovmf/svsm_firmware.hpp"

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_svsm.hpp"

namespace hallmark::ovmf {
namespace {

using namespace hallmark::test;

constexpr std::uint64_t kEnd = kFourGiB - 0x10000 - 540672;

TEST(SvsmFirmware, EndsWhereTheVariablesBegin) {
    const auto parsed = parse_svsm_firmware(svsm(), kEnd, "svsm.bin");
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->gpa, kEnd - 0x8000);
    EXPECT_EQ(parsed->start, kEnd - 0x8000 + 0x234);
    EXPECT_EQ(parsed->sections.size(), 3U);
}

TEST(SvsmFirmware, RefusesOtherImages) {
    expect_error(parse_svsm_firmware(firmware(), kEnd, "svsm.bin"), {"svsm.bin", "no SVSM information"});
    expect_error(parse_svsm_firmware(svsm(0x8000), kEnd, "svsm.bin"), {"svsm.bin", "0x8000"});
    expect_error(parse_svsm_firmware(svsm(), 0x7000, "svsm.bin"), {"0x7000"});
    expect_error(parse_svsm_firmware(svsm(), kEnd + 1, "svsm.bin"), {"boundary"});
    expect_error(parse_svsm_firmware(svsm(), kFourGiB + 0x1000, "svsm.bin"), {"0x100001000"});
    // A section in the SVSM itself.
    const auto inside = static_cast<std::uint32_t>(kEnd - 0x8000);
    expect_error(parse_svsm_firmware(svsm(0, {{inside, 0x1000, 1}}), kEnd, "svsm.bin"), {"section 0", "begins"});
}

}  // namespace
}  // namespace hallmark::ovmf
