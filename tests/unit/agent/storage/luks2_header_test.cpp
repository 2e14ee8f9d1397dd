// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/luks2_header.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_luks2.hpp"

namespace hallmark::storage::luks2 {
namespace {

using test::luks2_device;
using test::Luks2Copy;
using test::second_of;

TEST(Luks2Header, HasTheChecksumsThatCryptsetupWrote) {
    // Salts and checksums of the real header whose metadata synthetic_luks2.hpp has.
    Luks2Copy first;
    first.salt =
        "6c7011f7aa8bd5a8ff0d955b93a287d27b8d8e6d8beea6d677433bd323386b8f"
        "d57b86f1a8e0b271ef3ad194300ee77a2e15198a2788e262578d9037656edbda";
    Luks2Copy second = second_of(first);
    first.checksum = "5d6b9f7a99da4e79c16e0bd6504be9d8e84972f3e42f352aac2c677dc3eb4e37";
    second.salt =
        "b337058abe8b90d0205f4bac6695e786e6dd97a38cff7e54e678a7621dc433a2"
        "36c3fb8dfca175a3e555b39ffc46e2ae1bd69360a63241951b3bc1bdabfecd87";
    second.checksum = "41874d8683cd4ecaccf094eb24d9cbe8f9ec2c29c30917e8db4b44e649b7c83f";
    const auto header = parse_header(luks2_device(first, second));
    ASSERT_TRUE(header) << header.error().message;
    EXPECT_EQ(header->sequence, 3U);
    EXPECT_EQ(header->metadata.dump(), test::kLuks2Metadata);
    second.checksum = first.checksum;
    test::expect_error(parse_header(luks2_device(first, second)), {"second copy: its checksum is not"}, Fault::kNo);
}

TEST(Luks2Header, EveryBitOfItCounts) {
    const Bytes good = luks2_device(test::kLuks2Metadata);
    ASSERT_TRUE(parse_header(good));
    for (std::size_t at = 0; at < 32768; at += 61) {
        Bytes bad = good;
        bad[at] = static_cast<std::uint8_t>(bad[at] ^ (1U << (at % 8)));
        EXPECT_FALSE(parse_header(bad)) << at;
    }
}

TEST(Luks2Header, FieldsOfACopyAreThoseOfTheOneLayout) {
    struct Case {
        std::function<void(Luks2Copy&)> change;
        std::string_view reason;
    };
    const Case cases[] = {
        {[](auto& copy) { copy.magic = {"LUKS\xba\xbf", 6}; }, "no LUKS2 header"},
        {[](auto& copy) { copy.magic = {"SKUL\xba\xbe", 6}; }, "no LUKS2 header"},
        {[](auto& copy) { copy.version = 1; }, "version 1, expected 2"},
        {[](auto& copy) { copy.size = 4096; }, "size 4096, expected 16384"},
        {[](auto& copy) { copy.size = 0x400000; }, "size 4194304, expected 16384"},
        {[](auto& copy) { copy.size = ~0ULL; }, "size 18446744073709551615, expected 16384"},
        {[](auto& copy) { copy.offset = 512; }, "offset 512, expected 0"},
        {[](auto& copy) { copy.checksum_algorithm = "sha512"; }, "checksum 'sha512', expected 'sha256'"},
        {[](auto& copy) { copy.checksum_algorithm = ""; }, "checksum '', expected 'sha256'"},
    };
    for (const auto& [change, reason] : cases) {
        Luks2Copy first;
        change(first);
        test::expect_error(parse_header(luks2_device(first, second_of({}))), {reason}, Fault::kNo);
    }
}

TEST(Luks2Header, CopiesAreTheSame) {
    const Luks2Copy first;
    Luks2Copy second = second_of(first);
    second.sequence = 4;
    test::expect_error(parse_header(luks2_device(first, second)), {"sequence number 3, in its second copy 4"},
                       Fault::kNo);
    second = second_of(first);
    second.uuid = "ac8590cf-9d0a-4d4a-8d05-a00fd69662f8";
    test::expect_error(parse_header(luks2_device(first, second)), {"another UUID"}, Fault::kNo);
    second = second_of(first);
    second.metadata.replace(second.metadata.find("4096"), 4, "0512");
    test::expect_error(parse_header(luks2_device(first, second)), {"other metadata"}, Fault::kNo);
    second = second_of(first);
    second.offset = 0;
    test::expect_error(parse_header(luks2_device(first, second)), {"second copy: offset 0, expected 16384"},
                       Fault::kNo);
}

TEST(Luks2Header, MetadataIsOneStrictDocument) {
    const std::string good(test::kLuks2Metadata);
    test::expect_error(parse_header(luks2_device(good + std::string("\0{}", 3))), {"goes on behind a zero byte"},
                       Fault::kNo);
    test::expect_error(parse_header(luks2_device("")), {"LUKS2 header"}, Fault::kNo);
    test::expect_error(parse_header(luks2_device(good + "x")), {"LUKS2 header"}, Fault::kNo);
    // Which of two keys of one name counts is for each parser to say.
    test::expect_error(parse_header(luks2_device(R"({"tokens":{},"tokens":{}})")), {"tokens"}, Fault::kNo);
    test::expect_error(parse_header(luks2_device(std::string(12288, ' '))), {"or has none"}, Fault::kNo);
}

TEST(Luks2Header, IsThereWhole) {
    const Bytes good = luks2_device(test::kLuks2Metadata);
    for (const std::size_t size : {0UL, 1UL, 4095UL, 16383UL, 16384UL, 32767UL})
        EXPECT_FALSE(parse_header(ByteSpan(good).first(size))) << size;
    EXPECT_TRUE(parse_header(ByteSpan(good).first(32768)));
}

}  // namespace
}  // namespace hallmark::storage::luks2
