// SPDX-License-Identifier: Apache-2.0
// The order in which a hypervisor, QEMU with KVM first of all, adds pages to an SNP guest: firmware, the firmware's SEV
// sections, CPU states. Source: QEMU 11.1, target/i386/sev.c (snp_populate_metadata_pages); KVM, arch/x86/kvm/svm/sev.c
// (snp_launch_update_vmsa, called last).
//
// The three steps take bytes and states, wherever they come from: a prediction takes them from files and a profile, a
// check of a started guest from its memory and its registers.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "common/bytes.hpp"
#include "common/result.hpp"
#include "measure/ovmf/sev_firmware.hpp"
#include "measure/snp/kernel_hashes.hpp"
#include "measure/snp/launch_digest.hpp"
#include "measure/snp/vmm_profile.hpp"
#include "measure/trace.hpp"

namespace hallmark::snp {

/// All application CPUs of a launch start in one state.
struct CpuStates {
    Vmsa boot_cpu;
    Vmsa application_cpu;
};

/// Step 1: the firmware image, whole pages that end at 4 GiB.
void add_firmware(LaunchDigest& digest, ByteSpan image);

/// Step 2: the sections in their order, or in the hypervisor's. `hash_page` is the content of the kernel hash section's
/// page; without it that section is measured as zero, as for a guest without a directly booted kernel. A section of an
/// unknown type is measured as zero, as QEMU does (snp_populate_metadata_pages, default branch).
void add_sections(LaunchDigest& digest, std::span<const ovmf::SevSection> sections, std::optional<PageSpan> hash_page,
                  const VmmProfile& profile = kQemu);

/// Step 3: `count` CPUs, the boot CPU first.
void add_cpus(LaunchDigest& digest, const VmmProfile& profile, const CpuStates& states, std::uint32_t count);

/// The states in which a hypervisor's CPUs start on this firmware.
CpuStates cpu_states(const VmmProfile& profile, const ovmf::SevFirmware& firmware, std::uint32_t signature,
                     std::uint64_t features);

/// What step 2 will be, from the value after step 1 and an optional kernel. A kernel needs a firmware that can measure
/// it. The value depends on nothing else, so one serves every number and model of CPUs. `what` names the firmware.
Result<Sha384> predict_sections(const Sha384& after_firmware, const ovmf::SevFirmware& firmware,
                                const std::optional<KernelHashes>& kernel, const std::string& what,
                                const VmmProfile& profile = kQemu, Trace* trace = nullptr);

}  // namespace hallmark::snp
