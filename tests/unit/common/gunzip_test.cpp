// SPDX-License-Identifier: Apache-2.0
#include "common/gunzip.hpp"

#include <gtest/gtest.h>

#include "common/hex.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_init_data.hpp"

namespace hallmark {
namespace {

/// 100,000 zero bytes, by Python's gzip.
Bytes many_zeros() {
    std::string text = "1f8b08000000000002ffedc13101000000c2a0f54f6d0d0fa0";
    text.append(192, '0');
    return from_hex(text + "8057037d9511d4a0860100").value();
}

TEST(Gunzip, WhatAnotherImplementationCompressed) {
    const auto content = gunzip(from_hex(test::kSomeContentGzip).value(), 12, "f");
    ASSERT_TRUE(content) << content.error().message;
    EXPECT_TRUE(equal(*content, as_bytes(std::string_view("some content"))));
    const auto zeros = gunzip(many_zeros(), 100'000, "f");
    ASSERT_TRUE(zeros) << zeros.error().message;
    EXPECT_EQ(*zeros, Bytes(100'000));
}

TEST(Gunzip, ContentBeyondTheLimitIsRefused) {
    test::expect_error(gunzip(from_hex(test::kSomeContentGzip).value(), 11, "f"), {"f: ", "more than 11 bytes"});
    for (const std::size_t limit : {0U, 1U, 65'536U, 99'999U})
        test::expect_error(gunzip(many_zeros(), limit, "f"), {"more than " + std::to_string(limit) + " bytes"});
}

TEST(Gunzip, EveryTruncationIsRefused) {
    const auto whole = from_hex(test::kSomeContentGzip).value();
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(gunzip(ByteSpan(whole).first(size), 100, "f")) << size;
}

TEST(Gunzip, DamageAndWhatIsLeftOverAreRefused) {
    const auto whole = from_hex(test::kSomeContentGzip).value();
    auto changed = whole;
    changed[whole.size() - 8] ^= 1;
    test::expect_error(gunzip(changed, 100, "f"), {"checksum"});
    changed = whole;
    changed[0] = 0;
    test::expect_error(gunzip(changed, 100, "f"), {"gzip header"});
    changed = whole;
    changed.push_back(0);
    test::expect_error(gunzip(changed, 100, "f"), {"1 bytes left over"});
    test::expect_error(gunzip({}, 100, "f"), {"ends inside"});
}

}  // namespace
}  // namespace hallmark
