// SPDX-License-Identifier: Apache-2.0
#include "measure/snp/vmm_profile.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace hallmark::snp {
namespace {

constexpr std::uint32_t kRealModeLimit = 0xffff;
constexpr std::uint32_t kResetVector = 0xFFFFFFF0;

/// KVM, arch/x86/kvm/svm/sev.c (INITIAL_VMSA_GPA): -1, cut to 48 bits and to its page.
constexpr std::uint64_t kKvmVmsaGpa = 0xFFFFFFFFF000;
/// google/gce-tcb-verifier, sev/ld_from_ovmf.go: the last page of the product's physical address space; 52 bits.
constexpr std::uint64_t kGenoaVmsaGpa = 0xFFFFFFFFFF000;

constexpr Segment segment(std::uint16_t selector, std::uint16_t attributes) {
    return {.selector = selector, .attributes = attributes, .limit = kRealModeLimit, .base = {}};
}

// QEMU, target/i386/cpu.c (x86_cpu_reset_hold), through KVM, arch/x86/kvm/svm/sev.c (sev_es_sync_vmsa): the reset
// state of AMD64 Architecture Programmer's Manual, volume 2, table 14-1, with what SVM adds: EFER.SVME and CR4.MCE.
// The FPU state stays zero: KVM copies it for guests made with KVM_SEV_INIT2 only.
constexpr Vmsa reset_state() {
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
    return state;
}

// The same with the FPU state, which KVM copies unless the guest has the default VM type: Linux 6.10,
// arch/x86/kvm/svm/sev.c ("Skip FPU and AVX setup with KVM_SEV_ES_INIT to avoid breaking older measurements").
constexpr Vmsa init2_state() {
    auto state = reset_state();
    state.mxcsr = 0x1f80U;
    state.x87_fcw = std::uint16_t{0x37f};
    return state;
}

// Amazon EC2, as virtee/sev-snp-measure 0.0.13 (vmsa.py) has it and its users confirm: other access bytes, no FPU.
constexpr Vmsa ec2_state(CpuRole role) {
    auto state = reset_state();
    if (role == CpuRole::kBoot) state.cs.attributes = std::uint16_t{0x9a};
    state.ss.attributes = std::uint16_t{0x92};
    state.tr.attributes = std::uint16_t{0x83};
    return state;
}

// google/gce-tcb-verifier, sev/ld_from_ovmf.go: Google's hypervisor overwrites the PAT, and copies no FPU state.
constexpr Vmsa gce_state() {
    auto state = reset_state();
    state.g_pat = 0x00070106U;
    return state;
}

/// RDX of EC2 since 2026-04 (virtee/sev-snp-measure 0.0.13, vmsa.py) and of GCE (gce-tcb-verifier,
/// sev/ld_from_ovmf.go), whatever the processor.
constexpr std::uint64_t kFixedRdx = 0x600;

/// KVM with the default VM type, which QEMU chooses for SEV-ES while legacy-vm-type is auto (QEMU 11.1,
/// target/i386/sev.c): no FPU state in the VMSA. SNP guests are never started so.
constexpr VmmProfile kQemuLegacyEs{
    .name = "QEMU-legacy-es",
    .what = "QEMU with the legacy VM type, its default for SEV-ES",
    .vmsa_gpa = kKvmVmsaGpa,
    .boot_cpu_start = kResetVector,
    .boot_cpu = reset_state(),
    .application_cpu = reset_state(),
    .starts_snp = false,
};

constexpr VmmProfile kEc2{
    .name = "ec2",
    .what = "Amazon EC2 since 2026-04",
    .vmsa_gpa = kKvmVmsaGpa,
    .boot_cpu_start = kResetVector,
    .boot_cpu = ec2_state(CpuRole::kBoot),
    .application_cpu = ec2_state(CpuRole::kApplication),
    .rdx = kFixedRdx,
    // virtee/sev-snp-measure 0.0.13, guest.py (snp_update_metadata_pages).
    .cpuid_pages_last = true,
};

/// RDX was 0 before (virtee/sev-snp-measure 0.0.12; sev-snp-measure-go and virtee/sev still have it so).
constexpr VmmProfile kEc2Before202604{
    .name = "ec2-before-2026-04",
    .what = "Amazon EC2 before 2026-04",
    .vmsa_gpa = kKvmVmsaGpa,
    .boot_cpu_start = kResetVector,
    .boot_cpu = ec2_state(CpuRole::kBoot),
    .application_cpu = ec2_state(CpuRole::kApplication),
    .rdx = 0,
    .cpuid_pages_last = true,
};

constexpr VmmProfile kGceMilan{
    .name = "gce-milan",
    .what = "Google Compute Engine on Milan",
    // 48 bits of physical address on Milan (gce-tcb-verifier, sev/ld_from_ovmf.go): the same page as KVM's.
    .vmsa_gpa = kKvmVmsaGpa,
    .boot_cpu_start = kResetVector,
    .boot_cpu = gce_state(),
    .application_cpu = gce_state(),
    .rdx = kFixedRdx,
    // gce-tcb-verifier, sev/ld_from_ovmf.go: the pages of SNP_SEC_MEM sections are of type UNMEASURED.
    .memory_pages = PageType::kUnmeasured,
};

constexpr VmmProfile kGceGenoa{
    .name = "gce-genoa",
    .what = "Google Compute Engine on Genoa",
    .vmsa_gpa = kGenoaVmsaGpa,
    .boot_cpu_start = kResetVector,
    .boot_cpu = gce_state(),
    .application_cpu = gce_state(),
    .rdx = kFixedRdx,
    .memory_pages = PageType::kUnmeasured,
};

constexpr std::array kProfiles = {&kQemu, &kQemuLegacyEs, &kEc2, &kEc2Before202604, &kGceMilan, &kGceGenoa};
/// What sev-snp-measure calls it.
constexpr std::string_view kGce = "gce";

}  // namespace

const VmmProfile kQemu{
    .name = "QEMU",
    .what = "QEMU with KVM",
    .vmsa_gpa = kKvmVmsaGpa,
    .boot_cpu_start = kResetVector,
    .boot_cpu = init2_state(),
    .application_cpu = init2_state(),
};

std::span<const VmmProfile* const> vmm_profiles() { return kProfiles; }

Result<const VmmProfile*> find_vmm_profile(std::string_view name) {
    const auto wanted = name == kGce ? kGceMilan.name : name;
    const auto* const found = std::ranges::find(kProfiles, wanted, &VmmProfile::name);
    if (found != kProfiles.end()) return *found;
    std::string known;
    for (const auto* profile : kProfiles) known += std::string(profile->name) + ", ";
    return bad_input("unknown VMM type '" + std::string(name) + "'; known are " + known + std::string(kGce));
}

void set_start(Vmsa& state, std::uint32_t start) {
    state.cs.base = start & 0xffff0000U;
    state.rip = start & 0xffffU;
}

Vmsa initial_state(const VmmProfile& profile, CpuRole role, std::uint32_t start, std::uint32_t signature,
                   std::uint64_t features) {
    Vmsa state = role == CpuRole::kBoot ? profile.boot_cpu : profile.application_cpu;
    set_start(state, start);
    state.rdx = profile.rdx.value_or(signature);
    state.sev_features = features;
    return state;
}

}  // namespace hallmark::snp
