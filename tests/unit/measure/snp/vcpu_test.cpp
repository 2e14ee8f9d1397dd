// SPDX-License-Identifier: Apache-2.0
#include "measure/snp/vcpu.hpp"

#include <gtest/gtest.h>

#include <map>

#include "tests/support/expect_error.hpp"

namespace hallmark::snp {
namespace {

TEST(CpuModel, Signature) {
    EXPECT_EQ((CpuModel{23, 1, 2}.signature()), 0x800f12U);
    EXPECT_EQ((CpuModel{23, 49, 0}.signature()), 0x830f10U);
    EXPECT_EQ((CpuModel{25, 1, 1}.signature()), 0xa00f11U);
    EXPECT_EQ((CpuModel{25, 17, 0}.signature()), 0xa10f10U);
    EXPECT_EQ((CpuModel{26, 0, 0}.signature()), 0xb00f00U);
    EXPECT_EQ((CpuModel{26, 2, 1}.signature()), 0xb00f21U);  // Turin as -cpu host shows it
    EXPECT_EQ((CpuModel{6, 15, 11}.signature()), 0x6fbU);
    EXPECT_EQ((CpuModel{15, 255, 15}.signature()), 0xf0fffU);
}

TEST(CpuModel, RefusesWhatCpuidCannotSay) {
    EXPECT_TRUE(check_cpu_model({270, 255, 15}));
    EXPECT_TRUE(check_cpu_model({6, 15, 15}));
    test::expect_error(check_cpu_model({271, 0, 0}), {"271", "270"});
    test::expect_error(check_cpu_model({23, 256, 0}), {"256", "255"});
    test::expect_error(check_cpu_model({23, 0, 16}), {"16", "15"});
    test::expect_error(check_cpu_model({6, 16, 0}), {"16", "15"});
}

// What QEMU 11.1.3 itself answers: the names of query-cpu-definitions that begin with EPYC, and for each the family,
// model and stepping of query-cpu-model-expansion.
TEST(VcpuTypes, AreThoseOfQemu) {
    const std::map<std::string_view, CpuModel> expected = {
        {"EPYC", {23, 1, 2}},           {"EPYC-v1", {23, 1, 2}},        {"EPYC-v2", {23, 1, 2}},
        {"EPYC-v3", {23, 1, 2}},        {"EPYC-v4", {23, 1, 2}},        {"EPYC-v5", {23, 1, 2}},
        {"EPYC-IBPB", {23, 1, 2}},      {"EPYC-Rome", {23, 49, 0}},     {"EPYC-Rome-v1", {23, 49, 0}},
        {"EPYC-Rome-v2", {23, 49, 0}},  {"EPYC-Rome-v3", {23, 49, 0}},  {"EPYC-Rome-v4", {23, 49, 0}},
        {"EPYC-Rome-v5", {23, 49, 0}},  {"EPYC-Milan", {25, 1, 1}},     {"EPYC-Milan-v1", {25, 1, 1}},
        {"EPYC-Milan-v2", {25, 1, 1}},  {"EPYC-Milan-v3", {25, 1, 1}},  {"EPYC-Milan-v4", {25, 1, 1}},
        {"EPYC-Genoa", {25, 17, 0}},    {"EPYC-Genoa-v1", {25, 17, 0}}, {"EPYC-Genoa-v2", {25, 17, 0}},
        {"EPYC-Genoa-v3", {25, 17, 0}}, {"EPYC-Turin", {26, 0, 0}},     {"EPYC-Turin-v1", {26, 0, 0}},
        {"EPYC-Turin-v2", {26, 0, 0}},
    };
    std::map<std::string_view, CpuModel> known;
    for (const auto& type : vcpu_types()) known.emplace(type.name, type.model);
    EXPECT_EQ(known, expected);
    EXPECT_EQ(known.size(), vcpu_types().size());
    for (const auto& [name, model] : expected) EXPECT_EQ(find_vcpu_type(name)->model, model) << name;
}

TEST(VcpuTypes, AnUnknownOneListsTheKnown) {
    test::expect_error(find_vcpu_type("epyc"), {"'epyc'", "EPYC,", "EPYC-v5", "EPYC-Turin-v2"});
    test::expect_error(find_vcpu_type(""), {"''"});
}

}  // namespace
}  // namespace hallmark::snp
