// SPDX-License-Identifier: Apache-2.0
#include "measure/uki/uki.hpp"

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_uki.hpp"

namespace hallmark::uki {
namespace {

using namespace hallmark::test;

/// "name=content" of what is measured.
std::vector<std::string> measured(const Bytes& image, std::size_t profile) {
    const auto file = pe::parse_pe(image, "f.efi");
    const auto sections = measured_sections(*file, profile, "f.efi");
    std::vector<std::string> result;
    if (!sections) return result;
    for (const auto& [name, content] : *sections)
        result.push_back(name + "=" + std::string(content.begin(), content.end()));
    return result;
}

TEST(Uki, HasItsSectionsInTheOrderOfMeasurement) {
    const auto image = pe_image(plain_uki());
    const auto file = pe::parse_pe(image, "f.efi");
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_TRUE(is_uki(*file));
    const auto sections = measured_sections(*file, 0, "f.efi");
    ASSERT_TRUE(sections) << sections.error().message;
    std::vector<std::string> names;
    for (const auto& section : *sections) names.push_back(section.name);
    EXPECT_EQ(names, (std::vector<std::string>{".linux", ".osrel", ".cmdline", ".initrd"}));
    EXPECT_TRUE(equal(find(*sections, ".osrel")->content, as_bytes("ID=hallmark\n")));
    EXPECT_EQ(find(*sections, ".pcrsig"), nullptr);
}

TEST(Uki, IsNoneWithoutAKernel) {
    const auto image = pe_image(plain_pe());
    const auto file = pe::parse_pe(image, "f.efi");
    EXPECT_FALSE(is_uki(*file));
    expect_error(measured_sections(*file, 0, "f.efi"), {"f.efi", "no section .linux", "--kernel"});
}

TEST(Uki, RefusesASectionThatIsLargerThanWhatTheFileHas) {
    auto image = pe_image(plain_uki());
    put_at(image, pe_section_table_at(plain_uki()) + 3 * 40 + 8, std::uint32_t{0x201});
    const auto file = pe::parse_pe(image, "f.efi");
    expect_error(measured_sections(*file, 0, "f.efi"), {"section .osrel", "512 bytes in the file", "513"});
}

/// UAPI "Unified Kernel Image", "Multi-Profile UKIs".
TEST(Uki, AProfileStandsInPlaceOfTheBase) {
    PeRecipe recipe{.headers_size = 0x600};
    recipe.sections = {{".linux", bytes_of("k")},
                       {".cmdline", bytes_of("base")},
                       {".profile", bytes_of("ID=a")},
                       {".profile", bytes_of("ID=b")},
                       {".cmdline", bytes_of("b")}};
    const auto image = pe_image(recipe);
    EXPECT_EQ(measured(image, 0), (std::vector<std::string>{".linux=k", ".cmdline=base", ".profile=ID=a"}));
    EXPECT_EQ(measured(image, 1), (std::vector<std::string>{".linux=k", ".cmdline=b", ".profile=ID=b"}));
    expect_error(measured_sections(*pe::parse_pe(image, "f.efi"), 2, "f.efi"), {"profile 2", "less than 2"});
    const auto plain = pe_image(plain_uki());
    expect_error(measured_sections(*pe::parse_pe(plain, "f.efi"), 1, "f.efi"), {"profile 1", "less than 1"});
}

TEST(Uki, SaysWhichSectionsAreForSomeMachines) {
    auto recipe = plain_uki();
    recipe.sections.push_back({".dtbauto", bytes_of("x")});
    const auto image = pe_image(recipe);
    EXPECT_EQ(machine_dependent_sections(*pe::parse_pe(image, "f.efi")), std::vector<std::string>{".dtbauto"});
    EXPECT_EQ(measured(image, 0).size(), 4U);
}

TEST(Uki, HandsOverACommandLineWithoutWhiteSpaceAroundIt) {
    EXPECT_EQ(handed_over_command_line(" \n a\tb  c \r\n"), "a b  c");
    EXPECT_EQ(handed_over_command_line(std::string_view("a\0b", 3)), "a");
    EXPECT_EQ(handed_over_command_line("  "), "");
    EXPECT_EQ(handed_over_command_line(""), "");
}

TEST(Uki, KnowsItsStub) {
    const auto image = pe_image(plain_uki());
    EXPECT_EQ(stub_version(*pe::parse_pe(image, "f.efi")), "systemd-stub 257.9-1");
    const auto plain = pe_image(plain_pe());
    EXPECT_FALSE(stub_version(*pe::parse_pe(plain, "f.efi")));
}

}  // namespace
}  // namespace hallmark::uki
