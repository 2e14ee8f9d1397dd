// SPDX-License-Identifier: Apache-2.0
#include "measure/snp/guest_features.hpp"

#include <gtest/gtest.h>

#include "measure/snp/vmsa.hpp"
#include "tests/support/expect_error.hpp"

namespace hallmark::snp {
namespace {

TEST(GuestFeatures, AreNumbersOrNames) {
    EXPECT_EQ(parse_guest_features("0x21").value(), 0x21U);
    EXPECT_EQ(parse_guest_features("33").value(), 0x21U);
    EXPECT_EQ(parse_guest_features("SNPActive,DebugSwap").value(), kFeatureSnpActive | kFeatureDebugSwap);
    EXPECT_EQ(parse_guest_features("securetsc").value(), 0x200U);
    EXPECT_EQ(parse_guest_features("SmtProtection").value(), 0x8000U);
}

TEST(GuestFeatures, RefusesOthers) {
    test::expect_error(parse_guest_features("SNPActive,Nothing"), {"Nothing", "DebugSwap"});
    test::expect_error(parse_guest_features("SNPActive,"), {"''"});
    test::expect_error(parse_guest_features(""), {"''"});
    test::expect_error(parse_guest_features("0x"), {"0x"});
}

TEST(GuestFeatures, HaveOneBitEach) {
    std::uint64_t seen = 0;
    for (const auto& feature : guest_features()) {
        EXPECT_EQ(seen & std::uint64_t{1} << feature.bit, 0U) << feature.name;
        seen |= std::uint64_t{1} << feature.bit;
    }
    EXPECT_EQ(seen, 0xd7ffU);
}

}  // namespace
}  // namespace hallmark::snp
