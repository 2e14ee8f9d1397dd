// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "measure/inspect/format.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_bzimage.hpp"
#include "tests/support/synthetic_uki.hpp"

namespace hallmark::inspect {
namespace {

using namespace hallmark::test;

Json show(const Format& format, ByteSpan bytes) {
    const auto found = recognise(bytes, "f");
    EXPECT_EQ(found ? (*found)->name : found.error().message, format.name);
    const auto json = format.describe(bytes, "f");
    EXPECT_TRUE(json) << json.error().message;
    return json.value_or(Json());
}

std::vector<std::string> names(const Json& list) {
    std::vector<std::string> all;
    for (const auto& one : list) all.push_back(one["name"].get<std::string>());
    return all;
}

using Names = std::vector<std::string>;

TEST(InspectUki, ShowsWhatIsMeasuredInItsOrder) {
    const auto json = show(kUki, pe_image(plain_uki()));
    EXPECT_EQ(json["stub"], "systemd-stub 257.9-1");
    ASSERT_EQ(json["profiles"].size(), 1U);
    const auto& profile = json["profiles"][0];
    EXPECT_EQ(names(profile["measured"]), Names({".linux", ".osrel", ".cmdline", ".initrd"}));
    EXPECT_EQ(profile["command_line"], "console=hvc0 panic=1");
    EXPECT_EQ(profile["measured"][1]["text"], "ID=hallmark\n");
    EXPECT_EQ(profile["measured"][1]["size"], 12);
    // printf 'ID=hallmark\n' | sha256sum
    EXPECT_EQ(profile["measured"][1]["sha256"], "826ac5cae0a4d1a18e916f7c68f4573a456765faa600f9e1fbe4d5ca0f0edf10");
    EXPECT_EQ(names(json["unmeasured"]), Names({".text", ".sdmagic", ".pcrsig"}));
    EXPECT_EQ(json["unmeasured"][2]["text"], "{}");
}

TEST(InspectUki, ShowsEveryProfile) {
    auto recipe = plain_uki();
    recipe.sections.push_back({".profile", bytes_of("ID=one")});
    recipe.sections.push_back({".profile", bytes_of("ID=two")});
    recipe.sections.push_back({".cmdline", bytes_of("debug")});
    recipe.sections.push_back({".dtbauto", bytes_of("tree")});
    const auto json = show(kUki, pe_image(recipe));
    ASSERT_EQ(json["profiles"].size(), 2U);
    EXPECT_EQ(json["profiles"][0]["command_line"], "console=hvc0 panic=1");
    EXPECT_EQ(json["profiles"][1]["command_line"], "debug");
    EXPECT_EQ(json["profiles"][1]["measured"].back()["text"], "ID=two");
    EXPECT_EQ(json["measured_on_some"], Json({".dtbauto"}));
}

TEST(InspectUki, ShowsTheRestWhereASectionIsCutShort) {
    auto recipe = plain_uki();
    auto image = pe_image(recipe);
    put_at(image, pe_section_table_at(recipe) + 3 * 40 + 8, std::uint32_t{0x10000});  // .osrel, once loaded
    const auto json = show(kUki, image);
    EXPECT_NE(json["profiles"][0]["error"].get<std::string>().find(".osrel"), std::string::npos);
    EXPECT_EQ(json["unmeasured"].size(), recipe.sections.size());
    expect_error(kUki.describe(pe_image(plain_pe()), "f"), {"f: no section .linux", "--as pe"});
}

TEST(InspectBzImage, ShowsTheSetupHeader) {
    const auto json = show(kBzImage, bzimage_image());
    EXPECT_EQ(json["version"], "6.12.1-test (b@h) #1 SMP");
    EXPECT_EQ(json["efi_stub"], false);
    EXPECT_EQ(json["payload"], Json({{"offset", "0x440"}, {"size", 128}, {"packing", "zstd"}}));
    EXPECT_EQ(json["setup_header"], Json({{"protocol", "2.15"},
                                          {"code_offset", "0x400"},
                                          {"loaded_high", true},
                                          {"initrd_limit", "0x7fffffff"},
                                          {"relocatable", true},
                                          {"kernel_alignment", "0x200000"},
                                          {"longest_command_line", 2047},
                                          {"preferred_address", "0x1000000"},
                                          {"init_size", "0x1d17000"},
                                          {"handover_offset", "0x190"},
                                          {"extended_flags",
                                           {{"value", "0x2b"},
                                            {"kernel_64", true},
                                            {"loadable_above_4g", true},
                                            {"efi_handover_32", false},
                                            {"efi_handover_64", true}}}}));
}

TEST(InspectBzImage, ShowsOnlyWhatItsProtocolHas) {
    auto image = bzimage_image();
    put_at(image, 0x206, std::uint16_t{0x202});
    const auto json = show(kBzImage, image);
    EXPECT_EQ(json["setup_header"], Json({{"protocol", "2.2"}, {"code_offset", "0x400"}, {"loaded_high", true}}));
    EXPECT_EQ(json["payload"], nullptr);
    put_at(image, 0x206, std::uint16_t{0x20f});
    put_at(image, 0x24c, std::uint32_t{0x800});
    EXPECT_NE(show(kBzImage, image)["payload"]["error"].get<std::string>().find("0x248"), std::string::npos);
}

TEST(InspectBzImage, ShowsThePeImageToo) {
    auto image = pe_image(plain_pe());
    put_at(image, 0x1fe, std::uint16_t{0xaa55});
    put_at(image, 0x202, std::string_view("HdrS"));
    const auto json = show(kBzImage, image);
    EXPECT_EQ(json["efi_stub"], true);
    EXPECT_EQ(json["sections"][0]["name"], ".text");
    EXPECT_TRUE(json.contains("authenticode"));
}

}  // namespace
}  // namespace hallmark::inspect
