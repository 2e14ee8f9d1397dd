// SPDX-License-Identifier: Apache-2.0
#include "measure/pe/pe_file.hpp"

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_pe.hpp"

namespace hallmark::pe {
namespace {

using namespace hallmark::test;

TEST(PeFile, ReadsHeadersAndSections) {
    const auto image = pe_image(plain_pe());
    const auto file = parse_pe(image, "f.efi");
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(file->machine, Machine::kAmd64);
    EXPECT_EQ(file->subsystem, Subsystem::kEfiApplication);
    EXPECT_TRUE(file->plus);
    EXPECT_EQ(file->headers_size, 0x400U);
    EXPECT_EQ(file->certificate_size, 0U);
    ASSERT_EQ(file->sections.size(), 2U);
    const auto* data = file->find(".data");
    ASSERT_NE(data, nullptr);
    EXPECT_EQ(data->virtual_size, 0x1f0U);
    EXPECT_EQ(data->raw.size(), 0x200U);
    EXPECT_EQ(data->raw_offset, 0x800U);
    EXPECT_TRUE(equal(data->raw.first(0x1f0), pattern(0x1f0, 77)));
    EXPECT_EQ(file->find(".bss"), nullptr);
}

TEST(PeFile, ReadsA32BitImage) {
    auto recipe = plain_pe();
    recipe.plus = false;
    const auto image = pe_image(recipe);
    const auto file = parse_pe(image, "f.efi");
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(file->machine, Machine::kI386);
    EXPECT_FALSE(file->plus);
    EXPECT_EQ(file->sections.size(), 2U);
}

TEST(PeFile, AcceptsASectionThatTakesNoSpaceInTheFile) {
    auto image = pe_image(plain_pe());
    const auto at = pe_section_table_at(plain_pe()) + 40;
    put_at(image, at + 16, std::uint32_t{0});
    put_at(image, at + 20, std::uint32_t{0xffffffff});
    const auto file = parse_pe(image, "f.efi");
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_TRUE(file->sections[1].raw.empty());
}

TEST(PeFile, TellsWhatIsNone) {
    EXPECT_TRUE(is_pe(pe_image(plain_pe())));
    EXPECT_FALSE(is_pe({}));
    EXPECT_FALSE(is_pe(as_bytes("MZ")));
    expect_error(parse_pe({}, "f.efi"), {"f.efi", "offset 0x0", "0 bytes left"});
    expect_error(parse_pe(as_bytes("\x7f"
                                   "ELF"),
                          "f.efi"),
                 {"offset 0x0", "found 0x457f", "MZ"});
    auto image = pe_image(plain_pe());
    put_at(image, 0x3c, std::uint32_t{0xfffffff0});
    expect_error(parse_pe(image, "f.efi"), {"offset 0xfffffff0", "0 bytes left"});
    put_at(image, 0x3c, std::uint32_t{0x84});
    expect_error(parse_pe(image, "f.efi"), {"offset 0x84", "expected 0x00004550"});
}

TEST(PeFile, RefusesAnUnknownOptionalHeader) {
    auto image = pe_image(plain_pe());
    put_at(image, kPeOptionalAt, std::uint16_t{0x107});
    expect_error(parse_pe(image, "f.efi"), {"offset 0x98", "0x107", "PE32+"});
}

TEST(PeFile, RefusesDirectoriesThatLeaveTheOptionalHeader) {
    auto image = pe_image(plain_pe());
    put_at(image, kPeOptionalAt + 108, std::uint32_t{7});
    expect_error(parse_pe(image, "f.efi"), {"offset 0x104", "7 data directories", "at most 6"});
    put_at(image, kPeOptionalAt + 108, std::uint32_t{0xffffffff});
    expect_error(parse_pe(image, "f.efi"), {"4294967295 data directories"});
    put_at(image, kPeCoffAt + 16, std::uint16_t{100});
    expect_error(parse_pe(image, "f.efi"), {"optional header of 100 bytes", "at least 112"});
}

TEST(PeFile, RefusesACertificateTableOutsideOfTheFile) {
    auto image = pe_image(plain_pe());
    const auto entry = pe_certificate_entry_at(plain_pe());
    put_at(image, entry, static_cast<std::uint32_t>(image.size()));
    put_at(image, entry + 4, std::uint32_t{1});
    expect_error(parse_pe(image, "f.efi"), {"offset 0x128", "certificate table"});
    put_at(image, entry, std::uint32_t{0xffffffff});
    put_at(image, entry + 4, std::uint32_t{0xffffffff});
    expect_error(parse_pe(image, "f.efi"), {"certificate table at 0xffffffff"});
}

TEST(PeFile, RefusesHeadersThatDoNotHoldTheSectionTable) {
    auto image = pe_image(plain_pe());
    put_at(image, kPeOptionalAt + 60, std::uint32_t{0x187});
    expect_error(parse_pe(image, "f.efi"),
                 {"offset 0xd4", "headers of 391 bytes", "392 (the end of the section table)"});
    put_at(image, kPeOptionalAt + 60, std::uint32_t{0xffffffff});
    expect_error(parse_pe(image, "f.efi"), {"headers of 4294967295 bytes"});
}

TEST(PeFile, RefusesASectionOutsideOfTheFile) {
    auto image = pe_image(plain_pe());
    const auto at = pe_section_table_at(plain_pe());
    put_at(image, at + 20, static_cast<std::uint32_t>(image.size() - 0x3ff));
    expect_error(parse_pe(image, "f.efi"), {"offset 0x138", "section at 0x619 of 1024 bytes", "cut short"});
    put_at(image, at + 20, std::uint32_t{0xffffffff});
    expect_error(parse_pe(image, "f.efi"), {"section at 0xffffffff"});
}

TEST(PeFile, RefusesSectionsThatCoverAByteTwice) {
    auto image = pe_image(plain_pe());
    put_at(image, pe_section_table_at(plain_pe()) + 40 + 16, std::uint32_t{0x218});
    EXPECT_TRUE(parse_pe(image, "f.efi"));
    put_at(image, pe_section_table_at(plain_pe()) + 40 + 16, std::uint32_t{0x219});
    put_at(image, pe_section_table_at(plain_pe()) + 40 + 20, std::uint32_t{0x400});
    expect_error(parse_pe(image, "f.efi"), {"offset 0x160", "more than the file's", "overlap"});
}

TEST(PeFile, RefusesAnySectionTableThatIsCut) {
    const auto image = pe_image(plain_pe());
    for (std::size_t size = 0; size < pe_section_table_at(plain_pe()) + 80; ++size)
        EXPECT_FALSE(parse_pe(ByteSpan(image).first(size), "f.efi")) << size;
}

}  // namespace
}  // namespace hallmark::pe
