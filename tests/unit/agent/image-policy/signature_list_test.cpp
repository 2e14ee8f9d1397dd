// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/signature_list.hpp"

#include <gtest/gtest.h>

#include <string>

#include "agent/image-policy/signature_source.hpp"
#include "tests/support/expect_error.hpp"

namespace hallmark::image_policy {
namespace {

using test::expect_error;

Result<std::vector<Bytes>> parse(const std::string& signatures) {
    return parse_signature_list(as_bytes(R"({"signatures":[)" + signatures + "]}"), "answer");
}

/// The form of docs/signature-protocols.md.
TEST(ParseSignatureList, TakesSignaturesOfItsVersionAndType) {
    const auto list = parse(R"({"schemaVersion":2,"name":"sha256:aa@bb","type":"atomic","content":"AQI="},)"
                            R"({"schemaVersion":3,"type":"atomic"},{"schemaVersion":2,"type":"other","content":1})");
    ASSERT_TRUE(list) << list.error().message;
    EXPECT_EQ(*list, (std::vector<Bytes>{{1, 2}}));
    EXPECT_TRUE(parse("")->empty());
}

TEST(ParseSignatureList, RefusesWhatIsNone) {
    expect_error(parse_signature_list(as_bytes("<html>"), "answer"), {"answer", "not JSON"});
    expect_error(parse_signature_list(as_bytes("{}"), "answer"), {"signatures", "missing"});
    expect_error(parse("1"), {"signatures[0]", "object"});
    expect_error(parse("{}"), {"signatures[0].schemaVersion", "missing"});
    expect_error(parse(R"({"schemaVersion":2,"type":"atomic","content":"!"})"), {"signatures[0].content"});
    std::string many = "{}";
    for (std::size_t i = 0; i < kMostSignatures; ++i) many += ",{}";
    expect_error(parse(many), {"signatures: 129", "at most 128"});
    expect_error(parse_signature_list(Bytes(kLargestSignatureList + 1, ' '), "answer"), {"4194305 bytes"});
}

}  // namespace
}  // namespace hallmark::image_policy
