// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/openpgp/packet.hpp"

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_openpgp.hpp"

namespace hallmark::image_policy::openpgp {
namespace {

using test::expect_error;
using test::pgp::joined;

Result<Packet> first(const Bytes& bytes) { return PacketReader(bytes, "input").next(); }

/// Header and body of 3 bytes in each way that there is.
TEST(PacketReader, ReadsEveryKindOfLength) {
    const Bytes body = {1, 2, 3};
    for (const Bytes& header :
         {Bytes{0x88, 3}, Bytes{0x89, 0, 3}, Bytes{0x8a, 0, 0, 0, 3}, Bytes{0xc2, 3}, Bytes{0xc2, 0xff, 0, 0, 0, 3}}) {
        const auto packet = first(joined({header, body}));
        ASSERT_TRUE(packet) << packet.error().message;
        EXPECT_EQ(packet->tag, Tag::kSignature);
        EXPECT_EQ(packet->body, body);
    }
}

/// RFC 9580, section 4.2.1.5: 0xc5 0xfb is 1723.
TEST(PacketReader, ReadsLengthsOfTwoBytes) {
    const auto packet = first(joined({Bytes{0xcb, 0xc5, 0xfb}, Bytes(1723, 7)}));
    ASSERT_TRUE(packet) << packet.error().message;
    EXPECT_EQ(packet->body.size(), 1723U);
}

TEST(PacketReader, PutsPartsTogether) {
    const Bytes parts = joined({Bytes{0xcb, 0xe9}, Bytes(512, 1), Bytes{0xe1}, Bytes(2, 2), Bytes{1}, Bytes(1, 3)});
    const Bytes all = joined({parts, Bytes{0xca, 3}, as_bytes("PGP")});
    PacketReader reader(all, "input");
    const auto packet = reader.next();
    ASSERT_TRUE(packet) << packet.error().message;
    EXPECT_EQ(packet->body, joined({Bytes(512, 1), Bytes(2, 2), Bytes(1, 3)}));
    ASSERT_TRUE(reader.next());
    EXPECT_TRUE(reader.at_end());
}

TEST(PacketReader, GivesDataOfIndeterminateLengthTheRest) {
    const auto packet = first(joined({Bytes{0xa3}, Bytes(9, 5)}));
    ASSERT_TRUE(packet) << packet.error().message;
    EXPECT_EQ(packet->tag, Tag::kCompressedData);
    EXPECT_EQ(packet->body.size(), 9U);
}

TEST(PacketReader, RefusesWhatIsNoPacket) {
    expect_error(first({0x2d}), {"offset 0x0", "0x2d", "header of an OpenPGP packet"});
    expect_error(first({0x80, 0}), {"reserved type 0"});
    expect_error(first({0x88, 4, 1, 2, 3}), {"3 bytes left", "expected 4"});
    expect_error(first({0xc2, 0xff, 0xff, 0xff, 0xff, 0xff}), {"0 bytes left", "4294967295"});
    expect_error(first({0x8b, 1, 2}), {"signature packet", "indeterminate"});
    expect_error(first(joined({Bytes{0xc2, 0xe9}, Bytes(512), Bytes{0}})), {"signature packet", "in parts"});
    expect_error(first(joined({Bytes{0xcb, 0xe3}, Bytes(8), Bytes{0}})), {"first part of 8 bytes", "512"});
    expect_error(first(joined({Bytes{0xcb, 0xe9}, Bytes(512)})), {"0 bytes left"});
}

TEST(ReadMpi, TakesAsManyBytesAsTheBitsNeed) {
    const Bytes bytes = {0, 9, 1, 0xff, 0, 0};
    Reader reader(bytes, "input");
    const auto number = read_mpi(reader, "input");
    ASSERT_TRUE(number);
    EXPECT_TRUE(equal(*number, Bytes{1, 0xff}));
    expect_error(read_mpi(reader, "input"), {"0 bits"});
    const Bytes large = {0x40, 1};
    Reader too_large(large, "input");
    expect_error(read_mpi(too_large, "input"), {"16385 bits", "16384"});
}

}  // namespace
}  // namespace hallmark::image_policy::openpgp
