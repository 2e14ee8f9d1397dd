// SPDX-License-Identifier: Apache-2.0
#include "measure/ovmf/variable_store.hpp"

#include <gtest/gtest.h>

#include "common/hex.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_variables.hpp"

namespace hallmark::ovmf {
namespace {

using namespace hallmark::test;

constexpr Guid kVendor = guid("8be4df61-93ca-11d2-aa0d-00e098032b8c");

TEST(VariableStore, MayBeEmpty) {
    const auto variables = parse_variable_store(variable_volume({}), "v");
    ASSERT_TRUE(variables) << variables.error().message;
    EXPECT_TRUE(variables->empty());
    EXPECT_EQ(find_variable(*variables, kVendor, "PK"), nullptr);
}

TEST(VariableStore, HasWhatWasNotDeleted) {
    const auto volume = variable_volume({{kVendor, "PK", {1, 2, 3}},
                                         {kVendor, "Old", {4}, 0x3c},
                                         {kVendor, "Unfinished", {5}, 0x7f},
                                         {kVendor, "KEK", {6}, 0x3e},
                                         {kVendor, "KEK", {7}},
                                         {kVendor, "Moved", {8}},
                                         {kVendor, "Moved", {9}, 0x3e}});
    const auto variables = parse_variable_store(volume, "v");
    ASSERT_TRUE(variables) << variables.error().message;
    EXPECT_EQ(variables->size(), 3U);
    EXPECT_EQ(to_hex(find_variable(*variables, kVendor, "PK")->data), "010203");
    EXPECT_EQ(to_hex(find_variable(*variables, kVendor, "KEK")->data), "07");
    EXPECT_EQ(to_hex(find_variable(*variables, kVendor, "Moved")->data), "08");
    EXPECT_EQ(find_variable(*variables, kVendor, "Old"), nullptr);
    EXPECT_EQ(find_variable(*variables, guid("00000000-0000-0000-0000-000000000000"), "PK"), nullptr);
}

TEST(VariableStore, RefusesWhatIsNone) {
    expect_error(parse_variable_store({}, "v"), {"v", "0 bytes left"});
    expect_error(parse_variable_store(Bytes(0x1000), "v"), {"no volume of variables"});
    auto volume = variable_volume({});
    volume[0x30] = 55;
    expect_error(parse_variable_store(volume, "v"), {"header of 55 bytes"});
    volume = variable_volume({});
    volume[72] ^= 1;
    expect_error(parse_variable_store(volume, "v"), {"offset 0x48", "expected aaf32c78"});
    volume = variable_volume({});
    volume[93] = 0xff;
    expect_error(parse_variable_store(volume, "v"), {"healthy"});
    volume = variable_volume({});
    put(volume, volume.size() - 88, std::uint32_t{27});
    expect_error(parse_variable_store(volume, "v"), {"27 bytes"});
    put(volume, volume.size() - 88, std::uint32_t{0x1001});
    expect_error(parse_variable_store(volume, "v"), {"bytes left, expected"});
}

TEST(VariableStore, RefusesSizesThatRunOut) {
    for (const std::size_t field : {36, 40}) {
        auto volume = variable_volume({{kVendor, "PK", {1, 2, 3}}});
        put(volume, volume.size() - (100 + field), std::uint32_t{0xfffffff0});
        expect_error(parse_variable_store(volume, "v"), {"bytes left, expected 4294967280"});
    }
}

TEST(VariableStore, RefusesTooMany) {
    std::vector<VariableRecipe> many;
    std::vector<std::string> names;
    for (int i = 0; i < 1026; ++i) names.push_back("v" + std::to_string(i));
    for (const auto& name : names) many.push_back({kVendor, name, {}});
    expect_error(parse_variable_store(variable_volume(many, 0x40000), "v"), {"more than 1024 variables"});
}

}  // namespace
}  // namespace hallmark::ovmf
