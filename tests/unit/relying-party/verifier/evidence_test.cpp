// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/evidence.hpp"

#include <gtest/gtest.h>

#include <string>

#include "common/file.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/vectors.hpp"

namespace hallmark::verifier {
namespace {

using test::expect_error;

Bytes quote_header(std::uint8_t version, std::uint8_t tee) {
    Bytes bytes(5000);
    bytes[0] = version;
    bytes[4] = tee;
    return bytes;
}

const tdx::Evidence* as_tdx(const Result<Evidence>& evidence) {
    return evidence ? std::get_if<tdx::Evidence>(&*evidence) : nullptr;
}

TEST(Evidence, AReportIsToldByItsSize) {
    const Bytes bytes(1184, 0x55);
    const auto evidence = read_evidence(bytes, "e");
    ASSERT_TRUE(evidence);
    const auto* snp = std::get_if<snp::Evidence>(&*evidence);
    ASSERT_NE(snp, nullptr);
    EXPECT_EQ(snp->report, bytes);
    EXPECT_TRUE(snp->certificates.empty());
    for (const std::size_t size : {0, 1, 1183, 1185})
        expect_error(read_evidence(Bytes(size, 0x55), "e"), {"e: found", std::to_string(size), "1184", "quote"});
}

TEST(Evidence, AQuoteIsOneWhereVersionOrTeeAreAQuotes) {
    for (const auto& bytes :
         {quote_header(4, 0x81), quote_header(5, 0x81), quote_header(9, 0x81), quote_header(4, 0)}) {
        const auto evidence = read_evidence(bytes, "e");
        ASSERT_NE(as_tdx(evidence), nullptr);
        EXPECT_EQ(as_tdx(evidence)->quote, bytes);
        EXPECT_FALSE(as_tdx(evidence)->event_log);
    }
    expect_error(read_evidence(quote_header(3, 0), "e"), {"no evidence"});
    expect_error(read_evidence(Bytes(47, 4), "e"), {"no evidence"});
}

TEST(Evidence, AnObjectIsOfTheTeeThatItsKeysName) {
    const auto evidence = read_evidence(as_bytes(" \r\n{\"cc_eventlog\": \"AAE=\", \"quote\": \"BAU=\"}"), "e");
    ASSERT_NE(as_tdx(evidence), nullptr);
    EXPECT_EQ(as_tdx(evidence)->quote, Bytes({4, 5}));
    EXPECT_EQ(as_tdx(evidence)->event_log, Bytes({0, 1}));
    expect_error(read_evidence(as_bytes("{}"), "e"), {"e: ", "attestation_report", "quote"});
    expect_error(read_evidence(as_bytes("{\"quote\": 1}"), "e"), {"e", "quote"});
    expect_error(read_evidence(as_bytes("{\"attestation_report\": 1}"), "e"), {"attestation_report"});
    expect_error(read_evidence(as_bytes("{\"quote\""), "e"), {"e"});
    expect_error(read_evidence(as_bytes("[]"), "e"), {"no evidence"});
}

TEST(Evidence, OfGenoaIsThatOfTheProtocol) {
    HALLMARK_VECTOR(path, "confidential-containers/snp-evidence.json");
    const auto evidence = read_evidence(read_file(path, kLargestEvidence).value(), "e");
    ASSERT_TRUE(evidence) << evidence.error().message;
    const auto* snp = std::get_if<snp::Evidence>(&*evidence);
    ASSERT_NE(snp, nullptr);
    EXPECT_EQ(snp->report.size(), 1184U);
    EXPECT_FALSE(snp->certificates.empty());
}

TEST(Evidence, TooLargeIsNotLookedAt) {
    expect_error(read_evidence(Bytes(kLargestEvidence + 1, ' '), "e"), {"at most", std::to_string(kLargestEvidence)});
}

}  // namespace
}  // namespace hallmark::verifier
