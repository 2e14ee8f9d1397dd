// SPDX-License-Identifier: Apache-2.0
#include "boot/simulated/cpu_state.hpp"

#include <string>

#include "common/hex.hpp"
#include "measure/snp/vmm_profile.hpp"

namespace hallmark::boot {
namespace {

// What differs between the registers of QEMU's own CPU and those that KVM encrypts for an SNP guest.
// Source: Linux 6.16, arch/x86/kvm/svm/svm.c and sev.c.
constexpr std::uint64_t kCr0CacheBits = 0x6000'0000;          // svm_set_cr0 clears CD and NW: the host controls caching
constexpr std::uint64_t kCr4MachineCheck = 0x40;              // svm_set_cr4 keeps the host's MCE
constexpr std::uint64_t kEferSvme = 0x1000;                   // svm_set_efer: SVM needs it in every guest
constexpr std::uint64_t kPatAfterReset = 0x0007040600070406;  // APM volume 2, section 7.8.2; QEMU does not print it
constexpr std::uint64_t kXcr0AfterReset = 0x1;                // APM volume 2, table 14-1; QEMU does not print it

/// QEMU keeps a segment's attributes as the upper half of its descriptor (bits 8-15 and 20-23), a VMSA packed.
std::uint16_t attributes(std::uint32_t flags) {
    return static_cast<std::uint16_t>((flags >> 8 & 0x0ff) | (flags >> 12 & 0xf00));
}

Result<snp::Segment> segment(const Registers& registers, std::string_view name) {
    HALLMARK_TRY(const Segment from, registers.segment(name));
    return snp::Segment{
        .selector = from.selector, .attributes = attributes(from.flags), .limit = from.limit, .base = from.base};
}

Status read_segments(const Registers& from, snp::Vmsa& state) {
    HALLMARK_TRY(state.es, segment(from, "ES"));
    HALLMARK_TRY(state.cs, segment(from, "CS"));
    HALLMARK_TRY(state.ss, segment(from, "SS"));
    HALLMARK_TRY(state.ds, segment(from, "DS"));
    HALLMARK_TRY(state.fs, segment(from, "FS"));
    HALLMARK_TRY(state.gs, segment(from, "GS"));
    HALLMARK_TRY(state.gdtr, segment(from, "GDT"));
    HALLMARK_TRY(state.ldtr, segment(from, "LDT"));
    HALLMARK_TRY(state.idtr, segment(from, "IDT"));
    HALLMARK_TRY(state.tr, segment(from, "TR"));
    return {};
}

Status read_general(const Registers& from, snp::Vmsa& state) {
    HALLMARK_TRY(state.rax, from.general("AX"));
    HALLMARK_TRY(state.rbx, from.general("BX"));
    HALLMARK_TRY(state.rcx, from.general("CX"));
    HALLMARK_TRY(state.rdx, from.general("DX"));
    HALLMARK_TRY(state.rsi, from.general("SI"));
    HALLMARK_TRY(state.rdi, from.general("DI"));
    HALLMARK_TRY(state.rbp, from.general("BP"));
    HALLMARK_TRY(state.rsp, from.general("SP"));
    HALLMARK_TRY(state.rip, from.general("IP"));
    HALLMARK_TRY(state.rflags, from.general("FL"));
    return {};
}

Status read_control(const Registers& from, snp::Vmsa& state) {
    HALLMARK_TRY(const auto cr0, from.value("CR0"));
    HALLMARK_TRY(const auto cr4, from.value("CR4"));
    HALLMARK_TRY(const auto efer, from.value("EFER"));
    state.cr0 = cr0 & ~kCr0CacheBits;
    state.cr4 = cr4 | kCr4MachineCheck;
    state.efer = efer | kEferSvme;
    HALLMARK_TRY(state.cr2, from.value("CR2"));
    HALLMARK_TRY(state.cr3, from.value("CR3"));
    HALLMARK_TRY(state.dr0, from.value("DR0"));
    HALLMARK_TRY(state.dr1, from.value("DR1"));
    HALLMARK_TRY(state.dr2, from.value("DR2"));
    HALLMARK_TRY(state.dr3, from.value("DR3"));
    HALLMARK_TRY(state.dr6, from.value("DR6"));
    HALLMARK_TRY(state.dr7, from.value("DR7"));
    HALLMARK_TRY(const auto cpl, from.value("CPL"));
    state.cpl = static_cast<std::uint8_t>(cpl);
    return {};
}

Status read_fpu(const Registers& from, snp::Vmsa& state) {
    HALLMARK_TRY(const auto fcw, from.value("FCW"));
    HALLMARK_TRY(const auto fsw, from.value("FSW"));
    HALLMARK_TRY(const auto ftw, from.value("FTW"));
    HALLMARK_TRY(const auto mxcsr, from.value("MXCSR"));
    state.x87_fcw = static_cast<std::uint16_t>(fcw);
    state.x87_fsw = static_cast<std::uint16_t>(fsw);
    state.x87_ftw = static_cast<std::uint16_t>(ftw);
    state.mxcsr = static_cast<std::uint32_t>(mxcsr);
    return {};
}

}  // namespace

Result<snp::Vmsa> cpu_state(const Registers& registers) {
    snp::Vmsa state;
    HALLMARK_CHECK(read_segments(registers, state));
    HALLMARK_CHECK(read_general(registers, state));
    HALLMARK_CHECK(read_control(registers, state));
    HALLMARK_CHECK(read_fpu(registers, state));
    state.g_pat = kPatAfterReset;
    state.xcr0 = kXcr0AfterReset;
    state.sev_features = snp::kFeatureSnpActive;
    return state;
}

Result<std::vector<snp::Vmsa>> cpu_states(std::span<const Registers> cpus, std::uint32_t application_start) {
    std::vector<snp::Vmsa> states;
    for (const auto& registers : cpus) {
        HALLMARK_TRY(snp::Vmsa state, cpu_state(registers));
        if (!states.empty()) snp::set_start(state, application_start);
        states.push_back(state);
    }
    return states;
}

}  // namespace hallmark::boot
