// SPDX-License-Identifier: Apache-2.0
#include "measure/ovmf/tdx_metadata.hpp"

#include <gtest/gtest.h>

#include "measure/ovmf/layout.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_tdvf.hpp"

namespace hallmark::ovmf {
namespace {

using namespace hallmark::test;

Result<std::vector<TdxSection>> parse(const Bytes& image) { return parse_tdx_metadata(image, "f.fd"); }

Bytes with_section(const TdvfSection& section) {
    TdvfRecipe recipe;
    recipe.sections = {section};
    return tdvf(recipe);
}

TEST(TdxMetadata, KeepsTheOrderOfTheImage) {
    const auto image = tdvf();
    const auto sections = parse(image);
    ASSERT_TRUE(sections) << sections.error().message;
    ASSERT_EQ(sections->size(), 6U);
    EXPECT_EQ(sections->front().type, TdxSectionType::kFirmwareVolume);
    EXPECT_EQ(sections->front().attributes, kMeasured);
    EXPECT_EQ(sections->front().end(), kFourGiB);
    EXPECT_EQ(sections->front().data(image).data(), image.data() + 0x1000);
    EXPECT_EQ(sections->at(4).type, TdxSectionType::kHandOff);
    EXPECT_EQ(sections->at(4).gpa, 0x809000U);
    EXPECT_EQ(name_of(sections->back().type), "TEMP_MEM");
}

TEST(TdxMetadata, AreNeeded) {
    auto image = tdvf();
    put_trailer(image, kTdvfTrailer, 22, guid("00000000-0000-0000-0000-000000000001"));
    expect_error(parse(image), {"no TDX metadata", "built for TDX"});
    expect_error(parse(firmware()), {"no TDX metadata"});
    expect_error(parse(Bytes(4096)), {"footer"});
    expect_error(parse({}), {"too short"});
}

TEST(TdxMetadata, MayBeFoundWithoutATable) {
    auto image = tdvf();
    put_trailer(image, kFooter, 40, guid("00000000-0000-0000-0000-000000000001"));
    put(image, 0x20, static_cast<std::uint32_t>(image.size() - kTdvfDescriptor));
    const auto sections = parse(image);
    ASSERT_TRUE(sections) << sections.error().message;
    EXPECT_EQ(sections->size(), 6U);
    put(image, 0x20, static_cast<std::uint32_t>(image.size() - kTdvfDescriptor + 1));
    expect_error(parse(image), {"footer"});
    put(image, 0x20, static_cast<std::uint32_t>(image.size() - 15));
    expect_error(parse(image), {"footer"});
}

TEST(TdxMetadata, RefuseAnOffsetOutsideTheFile) {
    for (const std::uint32_t from_end : {0U, 15U, 0x4001U, 0xffffffffU}) {
        auto image = tdvf();
        put(image, kTdvfData, from_end);
        expect_error(parse(image), {"offset 0x3fb8", std::to_string(from_end) + " bytes before the end"});
    }
}

TEST(TdxMetadata, RefuseAnotherSignatureVersionOrLength) {
    auto image = tdvf();
    put(image, kTdvfDescriptor, as_bytes(std::string_view("TDVX")));
    expect_error(parse(image), {"offset 0x3d00", "TDVF"});
    expect_error(parse(tdvf({.version = 2})), {"version 2"});
    image = tdvf();
    put(image, kTdvfDescriptor - 4, std::uint32_t{16 + 32 * 6 + 1});
    expect_error(parse(image), {"length 209", "expected 208"});
    for (const std::uint32_t count : {0U, 257U, 0xffffffffU}) {
        image = tdvf();
        put(image, kTdvfDescriptor - 12, count);
        expect_error(parse(image), {std::to_string(count) + " sections"});
    }
}

TEST(TdxMetadata, RefuseSectionsThatRunOutOfTheFile) {
    auto image = tdvf();
    put(image, kTdvfDescriptor - 12, std::uint32_t{30});
    put(image, kTdvfDescriptor - 4, std::uint32_t{16 + 32 * 30});
    // What follows the sixth section is no section; whichever rule it breaks first, it is refused.
    expect_error(parse(image), {"TDX section 6"});
}

// OVMF_CODE.fd has the metadata of the joined image, whose begin it lacks.
TEST(TdxMetadata, RefuseCodeWithoutItsVariables) {
    const auto whole = tdvf();
    const Bytes code(whole.begin() + 0x1000, whole.end());
    expect_error(parse(code), {"f.fd", "12288 bytes of code without its variables", "16384", "cat OVMF_VARS.fd"});
    const Bytes shorter(whole.begin() + 0x2000, whole.end());
    expect_error(parse(shorter), {"8192 bytes, expected 16384", "whole firmware"});
}

TEST(TdxMetadata, RefuseAnUnknownTypeOrAttribute) {
    for (const std::uint32_t type : {9U, 0x10U, 0xffffffffU})
        expect_error(parse(with_section({0, 0, 0x800000, 0x1000, type, 0})), {"offset 0x3d10", "section 0", "unknown"});
    expect_error(parse(with_section({0, 0, 0x800000, 0x1000, 3, 4})), {"attributes 0x4"});
}

TEST(TdxMetadata, RefuseSizesThatATypeDoesNotHave) {
    expect_error(parse(with_section({0, 0, 0xffffc000, 0x1000, 0, 1})), {"BFV without data"});
    expect_error(parse(with_section({0, 0, 0xffffc000, 0x1000, 1, 0})), {"CFV without data"});
    expect_error(parse(with_section({0, 0, 0x809000, 0, 2, 0})), {"TD_HOB without memory"});
    expect_error(parse(with_section({0, 16, 0x809000, 0x1000, 2, 0})), {"TD_HOB has data"});
    expect_error(parse(with_section({0, 16, 0x809000, 0x1000, 3, 0})), {"TEMP_MEM has data"});
    expect_error(parse(with_section({0, 16, 0x809000, 0x1000, 7, 0})), {"TD_INFO takes memory"});
    EXPECT_TRUE(parse(with_section({0, 16, 0, 0, 7, 0})));
    expect_error(parse(with_section({0, 0x2000, 0xffffc000, 0x1000, 0, 1})), {"8192 bytes of data", "4096"});
}

TEST(TdxMetadata, RefuseWhatIsNotWholePages) {
    for (const auto& [gpa, size] : std::vector<std::pair<std::uint64_t, std::uint64_t>>{
             {0x800000, 0xfff}, {0x800000, 0x1001}, {0x800001, 0x1000}})
        expect_error(parse(with_section({0, 0, gpa, size, 3, 0})), {"section 0", "4 KiB pages"});
    expect_error(parse(with_section({0, 0, 0xfffffffffffff000, 0x2000, 3, 0})), {"end of the address space"});
}

// A measurement that never ends is a hostile image's way to keep a verifier busy.
TEST(TdxMetadata, RefuseTooMuchMemory) {
    expect_error(parse(with_section({0, 0, 0, (1ULL << 30) + 0x1000, 3, 0})), {"more than 1024 MiB"});
    EXPECT_TRUE(parse(with_section({0, 0, 0, 1ULL << 30, 3, 0})));
    EXPECT_TRUE(parse(with_section({0, 0, 0, 1ULL << 40, 4, 2}))) << "added later, so not measured";
    TdvfRecipe recipe;
    recipe.sections = {{0, 0, 0, 1ULL << 29, 3, 0}, {0, 0, 1ULL << 29, 1ULL << 29, 3, 0}, {0, 0, 0, 0x1000, 3, 0}};
    expect_error(parse(tdvf(recipe)), {"more than 1024 MiB"});
}

TEST(TdxMetadata, SurviveEveryBrokenByte) {
    const auto good = tdvf();
    std::size_t refused = 0;
    for (std::size_t at = good.size() - kTdvfDescriptor; at < good.size(); ++at)
        for (const auto flip : {std::uint8_t{0x01}, std::uint8_t{0x80}, std::uint8_t{0xff}}) {
            auto image = good;
            image[at] = static_cast<std::uint8_t>(image[at] ^ flip);
            if (!parse(image)) ++refused;
        }
    EXPECT_GT(refused, 200U);
}

}  // namespace
}  // namespace hallmark::ovmf
