// SPDX-License-Identifier: Apache-2.0
#include "common/bytes.hpp"

#include <gtest/gtest.h>

#include "common/checked.hpp"
#include "common/endian.hpp"
#include "common/guid.hpp"
#include "common/hex.hpp"
#include "common/reader.hpp"

namespace hallmark {
namespace {

TEST(WireInteger, StandsInItsByteOrder) {
    struct Both {
        Le32 little = 0x11223344;
        Be<std::uint32_t> big = 0x11223344;
    } both;
    EXPECT_EQ(to_hex(as_bytes(both)), "4433221111223344");
    EXPECT_EQ(both.little.get(), 0x11223344U);
    EXPECT_EQ(both.big.get(), 0x11223344U);
    both.little = 0xfedcba98;  // a sign bit must not spread
    EXPECT_EQ(static_cast<std::uint32_t>(both.little), 0xfedcba98U);
}

TEST(Hex, ReadsWhatItWrites) {
    const Bytes bytes = {0x00, 0x0f, 0xf0, 0xff};
    EXPECT_EQ(to_hex(bytes), "000ff0ff");
    EXPECT_EQ(from_hex("000FF0ff").value(), bytes);
    EXPECT_NE(from_hex("abc").error().message.find("3 digits"), std::string::npos);
    EXPECT_NE(from_hex("ab0g").error().message.find("at 3"), std::string::npos);
    EXPECT_EQ(hex_number(0x80, 4), "0x0080");
    EXPECT_EQ(hex_number(0), "0x0");
}

TEST(Number, IsReadWholeOrNotAtAll) {
    EXPECT_EQ(parse_number("0x1F").value(), 31U);
    EXPECT_EQ(parse_number("42").value(), 42U);
    EXPECT_EQ(parse_number("18446744073709551615").value(), UINT64_MAX);
    for (const auto* text : {"", "0x", "-1", "1 ", " 1", "1k", "18446744073709551616", "0x1g"})
        EXPECT_FALSE(parse_number(text)) << text;
}

TEST(Checked, NothingWhereItDoesNotFit) {
    EXPECT_EQ(checked_add<std::uint32_t>(0xffffffff, 0), 0xffffffffU);
    EXPECT_FALSE(checked_add<std::uint32_t>(0xffffffff, 1));
    EXPECT_EQ(checked_multiply<std::uint32_t>(0x10000, 0xffff), 0xffff0000U);
    EXPECT_FALSE(checked_multiply<std::uint32_t>(0x10000, 0x10000));
}

// The stored form is from the AMD facts: the GUID of the SEV hash table as it lies in a firmware file.
TEST(Guid, FirstThreeFieldsAreLittleEndian) {
    constexpr Guid kGuid = guid("9438d606-4f22-4cc9-b479-a793d411fd21");
    EXPECT_EQ(to_hex(kGuid.bytes), "06d63894224fc94cb479a793d411fd21");
    EXPECT_EQ(kGuid.text(), "9438d606-4f22-4cc9-b479-a793d411fd21");
}

TEST(Reader, StaysInside) {
    const Bytes bytes = {1, 2, 3, 4, 5};
    Reader reader(bytes, "input", 0x100);
    EXPECT_EQ(reader.structure<Le32>()->get(), 0x04030201U);
    EXPECT_EQ(reader.finished().error().message, "input: offset 0x104: 1 bytes left over, expected the end");
    EXPECT_EQ(reader.structure<Le16>().error().message, "input: offset 0x104: 1 bytes left, expected 2");
    EXPECT_TRUE(reader.bytes(1));
    EXPECT_TRUE(reader.finished());
    EXPECT_TRUE(reader.bytes(0));
    EXPECT_FALSE(reader.bytes(SIZE_MAX));
}

}  // namespace
}  // namespace hallmark
