// SPDX-License-Identifier: Apache-2.0
#include "measure/ovmf/guid_table.hpp"

#include <gtest/gtest.h>

#include "common/hex.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_firmware.hpp"

namespace hallmark::ovmf {
namespace {

using namespace hallmark::test;

TEST(GuidTable, FindsEveryEntry) {
    const auto image = firmware();
    const auto table = parse_guid_table(image, "f.fd");
    ASSERT_TRUE(table) << table.error().message;
    ASSERT_EQ(table->entries.size(), 3U);
    const auto* reset = table->find(guid("00f771de-1a7e-4fcb-890e-68c77e2fb44e"));
    ASSERT_NE(reset, nullptr);
    EXPECT_EQ(to_hex(reset->data), "04b08000");
    EXPECT_EQ(reset->offset, image.size() - kResetData);
    EXPECT_EQ(table->begin, image.size() - kMetadataData);
    EXPECT_EQ(table->end, image.size() - kTableEnd);
    EXPECT_EQ(table->find(guid("00000000-0000-0000-0000-000000000000")), nullptr);
}

TEST(GuidTable, MayBeEmpty) {
    auto image = firmware();
    put(image, kFooter, std::uint16_t{18});
    const auto table = parse_guid_table(image, "f.fd");
    ASSERT_TRUE(table) << table.error().message;
    EXPECT_TRUE(table->entries.empty());
}

TEST(GuidTable, RefusesAnImageThatIsTooShort) {
    for (const std::size_t size : {0U, 1U, 31U, 32U, 49U})
        expect_error(parse_guid_table(Bytes(size), "f.fd"), {"f.fd", "too short"});
}

TEST(GuidTable, RefusesAMissingFooter) {
    auto image = firmware();
    image[image.size() - kTableEnd - 1] ^= 1;
    expect_error(parse_guid_table(image, "f.fd"), {"offset 0xffce", "footer"});
}

TEST(GuidTable, RefusesATableThatRunsOutOfTheFile) {
    auto image = firmware({.size = 0x1000});
    put(image, kFooter, std::uint16_t{0x1000});
    expect_error(parse_guid_table(image, "f.fd"), {"offset 0xfce", "table of 4096 bytes"});
    put(image, kFooter, std::uint16_t{17});
    expect_error(parse_guid_table(image, "f.fd"), {"table of 17 bytes"});
}

TEST(GuidTable, RefusesALoop) {
    for (const auto length : {std::uint16_t{0}, std::uint16_t{1}, std::uint16_t{17}}) {
        auto image = firmware();
        put(image, kResetTrailer, length);
        expect_error(parse_guid_table(image, "f.fd"), {"offset 0xffbc", "length " + std::to_string(length)});
    }
}

TEST(GuidTable, RefusesAnEntryThatOverlapsTheBegin) {
    auto image = firmware();
    put(image, kMetadataTrailer, std::uint16_t{23});
    expect_error(parse_guid_table(image, "f.fd"), {"offset 0xff8c", "length 23", "18 to 22"});
    put(image, kMetadataTrailer, std::uint16_t{0xffff});
    expect_error(parse_guid_table(image, "f.fd"), {"length 65535"});
}

TEST(GuidTable, RefusesBytesThatAreNoEntry) {
    auto image = firmware();
    put(image, kMetadataTrailer, std::uint16_t{21});
    expect_error(parse_guid_table(image, "f.fd"), {"1 bytes left"});
}

TEST(GuidTable, RefusesAnEntryTwice) {
    auto image = firmware();
    put_trailer(image, kHashTableTrailer, 26, guid("00f771de-1a7e-4fcb-890e-68c77e2fb44e"));
    expect_error(parse_guid_table(image, "f.fd"), {"offset 0xffa6", "twice"});
}

}  // namespace
}  // namespace hallmark::ovmf
