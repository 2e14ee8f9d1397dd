// SPDX-License-Identifier: Apache-2.0
// The digests are those of a second implementation in another language (tests/integration/svsm_oracle.py).
#include "measure/snp/svsm_launch.hpp"

#include <gtest/gtest.h>

#include "common/hex.hpp"
#include "tests/support/synthetic_svsm.hpp"

namespace hallmark::snp {
namespace {

using namespace hallmark::test;

constexpr std::uint64_t kVariables = 540672;

std::string digest_on(std::uint32_t vcpus, Trace* trace = nullptr) {
    const auto image = firmware();
    const auto beside = svsm();
    const auto layout =
        ovmf::parse_svsm_firmware(beside, ovmf::kFourGiB - image.size() - kVariables, "svsm.bin").value();
    return to_hex(predict_svsm(image, beside, layout, svsm_states(layout, 0x800f12, 1), vcpus, trace));
}

TEST(SvsmLaunch, IsAChainOfBothImages) {
    EXPECT_EQ(digest_on(2),
              "4458fa9abea2cdf727a5eadc87228f23167fee84939071e755152252d3488b83629319bdd0c764a9027516751a541fb3");
    EXPECT_EQ(digest_on(4),
              "29f2f67184d76a5e2b26058dcce2588a2f3a716fbc53e22019ce8c564b8388c128510bd48ffd4e5493bc1c7969626802");
}

TEST(SvsmLaunch, TracesItsOrder) {
    Trace trace;
    digest_on(2, &trace);
    ASSERT_EQ(trace.size(), 16U + 8 + 0x9e + 2 + 2);
    EXPECT_EQ(trace[0].what, "firmware: NORMAL page at 0xffff0000");
    EXPECT_EQ(trace[16].what, "SVSM: NORMAL page at 0xfff64000");
    EXPECT_EQ(trace[24].what, "memory: ZERO page at 0x0");
}

}  // namespace
}  // namespace hallmark::snp
