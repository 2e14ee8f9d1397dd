// SPDX-License-Identifier: Apache-2.0
// The expected pages were written by sev-snp-measure: a VMSA of QEMU for CPU signature 0x800f12.
#include "boot/simulated/cpu_state.hpp"

#include <gtest/gtest.h>

#include "common/file.hpp"
#include "tests/support/vectors.hpp"
#include "tests/unit/boot/registers_sample.hpp"

namespace hallmark::boot {
namespace {

TEST(CpuState, RegistersOfAPausedGuestGiveTheMeasuredPages) {
    HALLMARK_VECTOR(boot_path, "amd-sev/vmsa_QEMU_bsp_sig800f12_feat1.bin");
    HALLMARK_VECTOR(application_path, "amd-sev/vmsa_QEMU_ap_eip_0080b004_sig800f12_feat1.bin");
    const auto cpus = parse_registers(test::paused_cpu(0, 0) + test::paused_cpu(1, 1));
    ASSERT_TRUE(cpus);
    const auto states = cpu_states(*cpus, 0x0080b004);
    ASSERT_TRUE(states) << states.error().message;
    ASSERT_EQ(states->size(), 2U);
    EXPECT_TRUE(equal(as_bytes(states->at(0)), read_file(boot_path, 4096).value()));
    EXPECT_TRUE(equal(as_bytes(states->at(1)), read_file(application_path, 4096).value()));
}

TEST(CpuState, EveryPrintedRegisterCounts) {
    const std::string text = test::paused_cpu(0, 0);
    const auto state = [](const std::string& registers) {
        return cpu_state(parse_registers(registers).value().front()).value();
    };
    const auto good = state(text);
    for (const auto* name :
         {"EAX", "EBX", "ECX", "EDX", "ESI", "EDI", "EBP", "ESP", "EIP",  "EFL", "CPL", "CR0", "CR2",
          "CR3", "CR4", "DR0", "DR1", "DR2", "DR3", "DR6", "DR7", "EFER", "FCW", "FSW", "FTW", "MXCSR"}) {
        const auto at = text.find(std::string(name) + "=") + std::string(name).size() + 1;
        const auto end = text.find_first_of(" \n", at);
        std::string changed = text;
        changed[end - 1] = changed[end - 1] == '1' ? '0' : '1';
        EXPECT_FALSE(equal(as_bytes(good), as_bytes(state(changed)))) << name;
    }
    for (const auto* line :
         {"ES =0000", "CS =f000", "SS =0000", "DS =0000", "FS =0000", "GS =0000", "LDT=0000", "TR =0000"}) {
        const std::string changed = test::with(text, line, std::string(line).substr(0, 7) + "8");
        EXPECT_FALSE(equal(as_bytes(good), as_bytes(state(changed)))) << line;
    }
}

TEST(CpuState, AttributesOfALongModeSegmentArePacked) {
    // Descriptor bits 8-15 and 20-23 (APM volume 2, figure 4-20): present, code, readable, L, G.
    const auto text = test::with(test::paused_cpu(0, 0), "CS =f000 ffff0000 0000ffff 00009b00",
                                 "CS =0010 0000000000000000 ffffffff 00af9a00 DPL=0 CS64 [-R-]");
    const auto state = cpu_state(parse_registers(text).value().front());
    ASSERT_TRUE(state);
    EXPECT_EQ(state->cs.attributes, 0xa9a);
}

TEST(CpuState, AMissingRegisterIsAnError) {
    const auto cpu = parse_registers(test::with(test::paused_cpu(0, 0), "EFER=0000000000000000\n", "")).value().front();
    EXPECT_NE(cpu_state(cpu).error().message.find("EFER is missing"), std::string::npos);
}

}  // namespace
}  // namespace hallmark::boot
