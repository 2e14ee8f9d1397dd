// SPDX-License-Identifier: Apache-2.0
#include "measure/ovmf/sev_firmware.hpp"

#include <gtest/gtest.h>

#include "common/file.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_firmware.hpp"
#include "tests/support/vectors.hpp"

namespace hallmark::ovmf {
namespace {

using namespace hallmark::test;

TEST(SevFirmware, ReadsWhatALaunchNeeds) {
    const auto firmware = parse_sev_firmware(test::firmware(), "f.fd");
    ASSERT_TRUE(firmware) << firmware.error().message;
    EXPECT_EQ(firmware->gpa(), 0xffff0000U);
    EXPECT_EQ(firmware->application_cpu_reset, 0x80b004U);
    ASSERT_TRUE(firmware->kernel_hash_table);
    EXPECT_EQ(firmware->kernel_hash_table->gpa, 0x810c00U);
    ASSERT_NE(firmware->kernel_hash_section(), nullptr);
    EXPECT_EQ(firmware->kernel_hash_section()->gpa, 0x810000U);
}

TEST(SevFirmware, ReadsARealImage) {
    HALLMARK_VECTOR(path, "amd-sev/ovmf_2M.fd");
    const auto image = read_file(path, kLargestFirmware);
    ASSERT_TRUE(image) << image.error().message;
    const auto firmware = parse_sev_firmware(*image, "ovmf_2M.fd");
    ASSERT_TRUE(firmware) << firmware.error().message;
    EXPECT_EQ(firmware->application_cpu_reset, 0x80b004U);
    EXPECT_EQ(firmware->kernel_hash_table->gpa, 0x810c00U);
    EXPECT_EQ(firmware->kernel_hash_table->size, 0x400U);
    EXPECT_EQ(firmware->sections.size(), 7U);
}

TEST(SevFirmware, MayLackKernelHashes) {
    const auto firmware = parse_sev_firmware(firmware_without_kernel_hashes(), "f.fd");
    ASSERT_TRUE(firmware) << firmware.error().message;
    EXPECT_FALSE(firmware->kernel_hash_table);
    EXPECT_EQ(firmware->kernel_hash_section(), nullptr);
}

TEST(SevFirmware, RefusesSizes) {
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, std::size_t{4095}, std::size_t{4097}, kLargestFirmware + 4096})
        expect_error(parse_sev_firmware(Bytes(size), "f.fd"), {"firmware of " + std::to_string(size) + " bytes"});
}

TEST(SevFirmware, RefusesGarbageAndTruncation) {
    expect_error(parse_sev_firmware(Bytes(0x10000, 0xa5), "f.fd"), {"footer"});
    auto image = firmware();
    image.resize(image.size() - 0x1000);
    expect_error(parse_sev_firmware(image, "f.fd"), {"footer"});
}

TEST(SevFirmware, NeedsAResetAddress) {
    expect_error(parse_sev_firmware(firmware({.reset_address = 0}), "f.fd"), {"offset 0xffb8", "reset address is 0"});
    auto image = firmware();
    put_trailer(image, kResetTrailer, 22, guid("00000000-0000-0000-0000-000000000001"));
    expect_error(parse_sev_firmware(image, "f.fd"), {"reset block"});
}

TEST(SevFirmware, RefusesAnEntryOfAnotherSize) {
    // The reset block takes two bytes of the entry in front of it, which then is too short as well.
    auto image = firmware();
    put(image, kHashTableTrailer, std::uint16_t{26 + 22});
    put_trailer(image, kMetadataTrailer, 22, guid("00000000-0000-0000-0000-000000000001"));
    expect_error(parse_sev_firmware(image, "f.fd"), {"7255371f", "left over"});
}

TEST(SevFirmware, RefusesAHashTableThatIsTooSmall) {
    expect_error(parse_sev_firmware(firmware({.hash_table = {0x810c00, 175}}), "f.fd"),
                 {"hash table of 175 bytes", "176"});
}

TEST(SevFirmware, RefusesAHashTableOutsideItsSection) {
    for (const std::uint32_t gpa : {0x80fc00U, 0x811000U, 0x810f51U, 0xffffff00U})
        expect_error(parse_sev_firmware(firmware({.hash_table = {gpa, 0x400}}), "f.fd"), {"hash table at"});
    EXPECT_TRUE(parse_sev_firmware(firmware({.hash_table = {0x810f50, 0x400}}), "f.fd"));
}

TEST(SevFirmware, RefusesOtherHashSections) {
    FirmwareRecipe recipe;
    recipe.sections = {{0x810000, 0x2000, 0x10}};
    expect_error(parse_sev_firmware(firmware(recipe), "f.fd"), {"hash section of 8192 bytes"});
    recipe.sections = {{0x810000, 0x1000, 0x10}, {0x811000, 0x1000, 0x10}};
    expect_error(parse_sev_firmware(firmware(recipe), "f.fd"), {"2 kernel hash sections"});
}

TEST(SevFirmware, SurvivesEveryBrokenByteOfItsTables) {
    const auto good = firmware({.size = 0x1000});
    std::size_t refused = 0;
    for (std::size_t at = good.size() - kMetadata; at < good.size(); ++at)
        for (const auto flip : {std::uint8_t{0x01}, std::uint8_t{0x80}, std::uint8_t{0xff}}) {
            auto image = good;
            image[at] = static_cast<std::uint8_t>(image[at] ^ flip);
            if (!parse_sev_firmware(image, "f.fd")) ++refused;
        }
    EXPECT_GT(refused, 400U);
}

}  // namespace
}  // namespace hallmark::ovmf
