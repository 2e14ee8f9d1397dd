// SPDX-License-Identifier: Apache-2.0
#include "common/formats/runtime_event.hpp"

#include <gtest/gtest.h>

#include "common/digest.hpp"
#include "common/hex.hpp"
#include "tests/support/expect_error.hpp"

namespace hallmark::runtime_event {
namespace {

using namespace hallmark::test;

// Digest and bytes were worked out with Python's hashlib and struct from the specification's text.
TEST(RuntimeEvent, IsTaggedAndItsDigestCoversAll) {
    const auto record = record_of(4,
                                  "github.com/confidential-containers PullImage "
                                  "{\"digest\":\"sha256:50aa4698fa6262977cff89181b2664b99d8a56dbca847bf62f2ef04854597cf"
                                  "8\",\"image\":\"docker.io/library/busybox:latest\"}");
    EXPECT_EQ(to_hex(record.digest),
              "f3048c020b1bca2dc1729cd4cca977fdadc978e48916fae92ae1f6196a1e7ecd4a1141936f5752695213ef0ae33f52dd");
    const Bytes encoded = event_log::encode_record(record);
    EXPECT_EQ(encoded.size(), 246U);
    EXPECT_EQ(to_hex(sha256(encoded)), "d1a589a8be6cbd390d0c8df9c23b20142422d25c350837db30c6f763cc160a3b");
}

TEST(RuntimeEvent, TextComesBackOutOfARecord) {
    const auto record = record_of(4, "a b c");
    EXPECT_EQ(text_in(record.data).value(), "a b c");
    for (std::size_t size = 0; size < record.data.size(); ++size)
        EXPECT_FALSE(text_in(ByteSpan(record.data).first(size))) << size;
    Bytes longer = record.data;
    longer.push_back(0);
    EXPECT_FALSE(text_in(longer));
    Bytes other = record.data;
    other[0] ^= 1;
    expect_error(text_in(other), {"tag 0x4141454d", "expected 0x4141454c"});
}

}  // namespace
}  // namespace hallmark::runtime_event
