// SPDX-License-Identifier: Apache-2.0
#include "measure/snp/vmm_profile.hpp"

#include <string>

namespace hallmark::snp {
namespace {

constexpr std::uint32_t kRealModeLimit = 0xffff;

constexpr Segment segment(std::uint16_t selector, std::uint16_t attributes) {
    return {.selector = selector, .attributes = attributes, .limit = kRealModeLimit, .base = {}};
}

// QEMU, target/i386/cpu.c (x86_cpu_reset_hold), through KVM, arch/x86/kvm/svm/sev.c (sev_es_sync_vmsa): the reset
// state of AMD64 Architecture Programmer's Manual, volume 2, table 14-1, with what SVM adds: EFER.SVME, CR4.MCE, and
// the FPU state that KVM copies for guests made with KVM_SEV_INIT2, as SNP guests always are.
constexpr Vmsa qemu_reset_state() {
    Vmsa state;
    state.es = state.ss = state.ds = state.fs = state.gs = segment(0, 0x93);
    state.cs = segment(0xf000, 0x9b);
    state.gdtr = state.idtr = segment(0, 0);
    state.ldtr = segment(0, 0x82);
    state.tr = segment(0, 0x8b);
    state.efer = 0x1000U;
    state.cr4 = 0x40U;
    state.cr0 = 0x10U;
    state.dr7 = 0x400U;
    state.dr6 = 0xffff0ff0U;
    state.rflags = 0x2U;
    state.g_pat = 0x0007040600070406U;
    state.xcr0 = 0x1U;
    state.mxcsr = 0x1f80U;
    state.x87_fcw = std::uint16_t{0x37f};
    return state;
}

}  // namespace

const VmmProfile kQemu{
    .name = "QEMU",
    // KVM, arch/x86/kvm/svm/sev.c (INITIAL_VMSA_GPA): -1, cut to 48 bits and to its page.
    .vmsa_gpa = 0xFFFFFFFFF000,
    .boot_cpu_start = 0xFFFFFFF0,
    .reset_state = qemu_reset_state(),
};

Result<const VmmProfile*> find_vmm_profile(std::string_view name) {
    if (name == kQemu.name) return &kQemu;
    return bad_input("unknown VMM type '" + std::string(name) + "'; known is " + std::string(kQemu.name));
}

void set_start(Vmsa& state, std::uint32_t start) {
    state.cs.base = start & 0xffff0000U;
    state.rip = start & 0xffffU;
}

Vmsa initial_state(const VmmProfile& profile, std::uint32_t start, std::uint32_t signature, std::uint64_t features) {
    Vmsa state = profile.reset_state;
    set_start(state, start);
    state.rdx = signature;
    state.sev_features = features;
    return state;
}

}  // namespace hallmark::snp
