// SPDX-License-Identifier: Apache-2.0
#include "measure/ovmf/sev_metadata.hpp"

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_firmware.hpp"

namespace hallmark::ovmf {
namespace {

using namespace hallmark::test;

Result<std::vector<SevSection>> parse(const Bytes& image) {
    HALLMARK_TRY(const GuidTable table, parse_guid_table(image, "f.fd"));
    return parse_sev_metadata(image, table, "f.fd");
}

Bytes with_sections(std::vector<FirmwareSection> sections) {
    FirmwareRecipe recipe;
    recipe.sections = std::move(sections);
    return firmware(recipe);
}

TEST(SevMetadata, KeepsTheOrderOfTheImage) {
    const auto sections = parse(firmware());
    ASSERT_TRUE(sections) << sections.error().message;
    ASSERT_EQ(sections->size(), 7U);
    EXPECT_EQ(sections->front().gpa, 0x800000U);
    EXPECT_EQ(sections->back().type, SevSectionType::kKernelHashes);
    EXPECT_EQ(sections->at(5).end(), 0x830000U);
}

TEST(SevMetadata, IsNeeded) {
    auto image = firmware();
    put_trailer(image, kMetadataTrailer, 22, guid("00000000-0000-0000-0000-000000000001"));
    expect_error(parse(image), {"no SEV metadata"});
}

TEST(SevMetadata, RefusesAnOffsetOutsideTheFile) {
    for (const std::uint32_t from_end : {0U, 15U, 0x10001U, 0xffffffffU}) {
        auto image = firmware();
        put(image, kMetadataData, from_end);
        expect_error(parse(image), {"offset 0xff88", std::to_string(from_end) + " bytes before the end"});
    }
}

TEST(SevMetadata, RefusesAnotherSignatureOrVersion) {
    auto image = firmware();
    put(image, kMetadata, as_bytes(std::string_view("ASEX")));
    expect_error(parse(image), {"offset 0xfc00", "ASEV"});
    image = firmware();
    put(image, kMetadata - 8, std::uint32_t{2});
    expect_error(parse(image), {"version 2"});
}

TEST(SevMetadata, RefusesASizeThatIsNotThatOfItsSections) {
    auto image = firmware();
    put(image, kMetadata - 4, std::uint32_t{16 + 12 * 7 + 1});
    expect_error(parse(image), {"size 101", "expected 100"});
}

TEST(SevMetadata, RefusesNoneOrTooManySections) {
    for (const std::uint32_t count : {0U, 257U, 0xffffffffU}) {
        auto image = firmware();
        put(image, kMetadata - 12, count);
        expect_error(parse(image), {std::to_string(count) + " sections"});
    }
}

TEST(SevMetadata, RefusesSectionsThatRunOutOfTheFile) {
    // 80 sections would pass the end of the file, which lies 1024 bytes after the header.
    auto image = firmware();
    put_trailer(image, kMetadataTrailer, 22, guid("dc886566-984a-4798-a75e-5585a7bf67cc"));
    put(image, kMetadataData, std::uint32_t{20});
    put(image, 20, as_bytes(std::string_view("ASEV")));
    put(image, 16, std::uint32_t{28});
    put(image, 12, std::uint32_t{1});
    put(image, 8, std::uint32_t{1});
    expect_error(parse(image), {"offset 0xfffc", "4 bytes left, expected 12"});
}

TEST(SevMetadata, RefusesToOverlapTheTable) {
    auto image = firmware();
    const auto metadata = Bytes(image.end() - kMetadata, image.end() - kMetadata + 100);
    put(image, 200, metadata);
    put(image, kMetadataData, std::uint32_t{200});
    put_trailer(image, kMetadataTrailer, 22, guid("dc886566-984a-4798-a75e-5585a7bf67cc"));
    expect_error(parse(image), {"overlap the GUIDed table"});
}

TEST(SevMetadata, RefusesAnUnknownType) {
    for (const std::uint32_t type : {0U, 5U, 0x11U, 0xffffffffU})
        expect_error(parse(with_sections({{0x800000, 0x1000, type}})), {"offset 0xfc10", "section 0", "unknown"});
}

TEST(SevMetadata, RefusesWhatIsNotWholePages) {
    for (const auto& [gpa, size] : std::vector<std::pair<std::uint32_t, std::uint32_t>>{
             {0x800000, 0}, {0x800000, 0xfff}, {0x800000, 0x1001}, {0x800001, 0x1000}})
        expect_error(parse(with_sections({{gpa, size, 1}})), {"section 0", "4 KiB pages"});
}

TEST(SevMetadata, RefusesWhatOverflows) {
    expect_error(parse(with_sections({{0xfffff000, 0x2000, 1}})), {"0xfffff000-0x100001000", "passes"});
    expect_error(parse(with_sections({{0x1000, 0xfffff000, 1}})), {"passes"});
    // The last 64 KiB below 4 GiB are the firmware itself.
    expect_error(parse(with_sections({{0xfffef000, 0x2000, 1}})), {"passes 0xffff0000"});
    EXPECT_TRUE(parse(with_sections({{0xfffef000, 0x1000, 1}})));
}

TEST(SevMetadata, RefusesOverlaps) {
    expect_error(parse(with_sections({{0x1000, 0x2000, 1}, {0x2000, 0x1000, 2}})), {"section 1", "overlaps"});
    expect_error(parse(with_sections({{0x2000, 0x1000, 1}, {0x1000, 0x2000, 2}})), {"section 1", "overlaps"});
    expect_error(parse(with_sections({{0x2000, 0x1000, 1}, {0x2000, 0x1000, 1}})), {"overlaps"});
    expect_error(parse(with_sections({{0x1000, 0x5000, 1}, {0x2000, 0x1000, 1}})), {"overlaps"});
    EXPECT_TRUE(parse(with_sections({{0x2000, 0x1000, 1}, {0x1000, 0x1000, 1}, {0x3000, 0x1000, 2}})));
}

TEST(SevMetadata, TakesAnUnknownTypeOnlyOnRequest) {
    const auto image = with_sections({{0x800000, 0x1000, 7}});
    const auto table = parse_guid_table(image, "f.fd").value();
    expect_error(parse_sev_metadata(image, table, "f.fd"), {"f.fd", "section 0", "type 0x7"});
    const auto sections = parse_sev_metadata(image, table, "f.fd", {.unknown = UnknownSections::kTake});
    ASSERT_TRUE(sections) << sections.error().message;
    EXPECT_EQ(name_of(sections->front().type), "unknown section");
}

}  // namespace
}  // namespace hallmark::ovmf
