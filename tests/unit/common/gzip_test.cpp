// SPDX-License-Identifier: Apache-2.0
#include "common/gzip.hpp"

#include <gtest/gtest.h>

#include "common/gunzip.hpp"
#include "common/hex.hpp"

namespace hallmark {
namespace {

TEST(Gzip, HasTheDocumentedBytes) {
    // RFC 1952 and 1951 by hand; the checksum is that of Python's zlib.crc32.
    EXPECT_EQ(to_hex(gzip_stored(as_bytes("some content"))),
              "1f8b08000000000000ff"
              "010c00f3ff"
              "736f6d6520636f6e74656e74"
              "3f311f43"
              "0c000000");
    EXPECT_EQ(to_hex(gzip_stored({})),
              "1f8b08000000000000ff"
              "010000ffff"
              "00000000"
              "00000000");
}

TEST(Gzip, WhatIsLongerThanABlockComesBackWhole) {
    for (const std::size_t size : {0xffffU, 0x10000U, 200'000U}) {
        Bytes content(size);
        for (std::size_t i = 0; i < size; ++i) content[i] = static_cast<std::uint8_t>(i * 7 / 3);
        EXPECT_EQ(gunzip(gzip_stored(content), size, "f").value(), content);
    }
}

}  // namespace
}  // namespace hallmark
