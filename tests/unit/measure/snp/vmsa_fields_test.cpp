// SPDX-License-Identifier: Apache-2.0
#include "measure/snp/vmsa_fields.hpp"

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"

namespace hallmark::snp {
namespace {

using test::expect_error;

void put(CpuStates& states, std::string_view text) {
    const auto override = parse_vmsa_override(text);
    ASSERT_TRUE(override) << override.error().message;
    apply_overrides({&*override, 1}, states);
}

TEST(VmsaFields, CoverThePageWithoutHoles) {
    std::size_t offset = 0;
    for (const auto& field : vmsa_fields()) {
        EXPECT_EQ(field.offset, offset) << field.name;
        offset += field.size;
    }
    EXPECT_EQ(offset, sizeof(Vmsa));
}

TEST(VmsaFields, AreSetInAllCpusOrInOneRole) {
    CpuStates states;
    put(states, "rdx=0x600");
    put(states, "bsp.cs.attributes=0x9a");
    put(states, "ap.virtual_interrupt_control=512");
    EXPECT_EQ(states.boot_cpu.rdx.get(), 0x600U);
    EXPECT_EQ(states.application_cpu.rdx.get(), 0x600U);
    EXPECT_EQ(states.boot_cpu.cs.attributes.get(), 0x9aU);
    EXPECT_EQ(states.application_cpu.cs.attributes.get(), 0U);
    EXPECT_EQ(states.boot_cpu.virtual_interrupt_control.get(), 0U);
    EXPECT_EQ(states.application_cpu.virtual_interrupt_control.get(), 512U);
}

TEST(VmsaFields, TakeBytesWhereANumberIsTooSmall) {
    CpuStates states;
    put(states, "fp_registers_x87=" + std::string(158, '0') + "5a");
    EXPECT_EQ(states.boot_cpu.fp_registers_x87.back(), 0x5a);
    expect_error(parse_vmsa_override("fp_registers_x87=00"), {"fp_registers_x87", "80"});
}

TEST(VmsaFields, EveryFieldCanBeSet) {
    for (const auto& field : vmsa_fields()) {
        const auto value = field.size > 8 ? std::string(2 * field.size, 'f') : std::string("0xff");
        CpuStates states;
        put(states, std::string(field.name) + "=" + value);
        const auto bytes = as_bytes(states.boot_cpu);
        EXPECT_EQ(bytes[field.offset], 0xff) << field.name;
        EXPECT_TRUE(all_zero(bytes.first(field.offset))) << field.name;
        EXPECT_TRUE(all_zero(bytes.subspan(field.offset + field.size))) << field.name;
    }
}

TEST(VmsaFields, RefusesWhatIsNone) {
    expect_error(parse_vmsa_override("rip"), {"FIELD=VALUE"});
    expect_error(parse_vmsa_override("ripp=1"), {"ripp", "rip"});
    expect_error(parse_vmsa_override("cs=1"), {"cs", "cs.base"});
    expect_error(parse_vmsa_override("bsp.=1"), {"''"});
    expect_error(parse_vmsa_override("vmpl=256"), {"vmpl", "8 bits"});
    expect_error(parse_vmsa_override("rip=0x10000000000000000"), {"rip"});
    expect_error(parse_vmsa_override("rip=-1"), {"rip"});
}

}  // namespace
}  // namespace hallmark::snp
