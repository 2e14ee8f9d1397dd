// SPDX-License-Identifier: Apache-2.0
#include "agent/evidence/sample.hpp"

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"

namespace hallmark::guest {
namespace {

TEST(SampleEvidence, SaysTheDigestAsItIs) {
    SampleEvidence sample;
    EXPECT_EQ(sample.tee(), "sample");
    EXPECT_EQ(sample.evidence(Bytes{1, 2, 3})->dump(), R"({"svn":"1","report_data":"AQID"})");
    test::expect_error(sample.evidence(Bytes(65)), {"65 bytes", "at most 64"});
}

}  // namespace
}  // namespace hallmark::guest
