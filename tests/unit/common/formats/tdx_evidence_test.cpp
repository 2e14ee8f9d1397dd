// SPDX-License-Identifier: Apache-2.0
#include "common/formats/tdx_evidence.hpp"

#include <gtest/gtest.h>

#include <string>

#include "common/formats/event_log.hpp"
#include "common/formats/tdx_quote.hpp"
#include "tests/support/expect_error.hpp"

namespace hallmark::tdx {
namespace {

Result<Evidence> parse(std::string_view text) {
    const auto json = parse_json(text, "evidence");
    if (!json) return std::unexpected(json.error());
    return parse_evidence(*json, "evidence");
}

Bytes bytes(std::string_view text) { return {text.begin(), text.end()}; }

// RFC 4648, section 10: "Zm9v" is "foo", "Zm9vYg==" is "foob".
TEST(TdxEvidence, IsReadAsTrusteeWritesIt) {
    const auto evidence = parse(R"({"cc_eventlog":"Zm9vYg==","quote":"Zm9v"})");
    ASSERT_TRUE(evidence) << evidence.error().message;
    EXPECT_EQ(evidence->quote, bytes("foo"));
    EXPECT_EQ(evidence->event_log, bytes("foob"));
}

TEST(TdxEvidence, MayLackALog) {
    for (const auto* text :
         {R"({"cc_eventlog":null,"quote":"Zm9v"})", R"({"quote":"Zm9v"})", R"({"cc_eventlog":"","quote":"Zm9v"})"}) {
        const auto evidence = parse(text);
        ASSERT_TRUE(evidence) << text << ": " << evidence.error().message;
        EXPECT_FALSE(evidence->event_log) << text;
    }
}

TEST(TdxEvidence, NothingElseIsEvidence) {
    test::expect_error(parse("[]"), {"evidence", "expected an object"});
    test::expect_error(parse(R"({"cc_eventlog":null})"), {"evidence: quote", "missing"});
    test::expect_error(parse(R"({"quote":""})"), {"evidence: quote", "expected a quote"});
    test::expect_error(parse(R"({"quote":[1]})"), {"evidence: quote", "expected a string"});
    test::expect_error(parse(R"({"quote":"Zm9v","cc_eventlog":1})"), {"evidence: cc_eventlog", "expected a string"});
    test::expect_error(parse(R"({"quote":"Zm9"})"), {"evidence: quote"});
    test::expect_error(parse(R"({"quote":"Zm9v","extra":1})"), {"evidence: extra", "unknown key"});
}

TEST(TdxEvidence, IsBounded) {
    const auto with = [](std::size_t quote, std::size_t log) {
        return parse(R"({"quote":")" + std::string(quote, 'A') + R"(","cc_eventlog":")" + std::string(log, 'A') +
                     "\"}");
    };
    EXPECT_TRUE(with(kLargestQuote / 3 * 4, event_log::kLargestLog / 3 * 4));
    test::expect_error(with(kLargestQuote / 3 * 4 + 8, 0), {"evidence: quote", "expected at most 65536 bytes"});
    test::expect_error(with(4, event_log::kLargestLog / 3 * 4 + 8), {"evidence: cc_eventlog", "at most 4194304 bytes"});
}

TEST(TdxEvidence, IsWrittenAsTrusteeReadsIt) {
    EXPECT_EQ(to_json({bytes("foo"), bytes("foob")}).dump(), R"({"cc_eventlog":"Zm9vYg==","quote":"Zm9v"})");
    EXPECT_EQ(to_json({bytes("foo"), {}}).dump(), R"({"cc_eventlog":null,"quote":"Zm9v"})");
}

}  // namespace
}  // namespace hallmark::tdx
