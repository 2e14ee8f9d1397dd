// SPDX-License-Identifier: Apache-2.0
// What a hypervisor does that no specification of the processor says: the state in which its CPUs start, and how it
// adds the pages that the firmware asks for.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "common/result.hpp"
#include "measure/snp/page_info.hpp"
#include "measure/snp/vmsa.hpp"

namespace hallmark::snp {

/// CPU 0 begins at the reset vector; the others wait there for it, and start where the firmware says.
enum class CpuRole { kBoot, kApplication };

struct VmmProfile {
    std::string_view name;             ///< as --vmm-type knows it
    std::string_view what;             ///< one line for people
    std::uint64_t vmsa_gpa = 0;        ///< the address under which every VMSA is measured
    std::uint32_t boot_cpu_start = 0;  ///< where the boot CPU starts (CS.base + RIP)
    /// All that doesn't depend on the CPU's start, model or features.
    Vmsa boot_cpu;
    Vmsa application_cpu;
    std::optional<std::uint64_t> rdx = std::nullopt;  ///< of every CPU; without it RDX is the CPU's signature
    PageType memory_pages = PageType::kZero;          ///< how SNP_SEC_MEM sections are added
    bool cpuid_pages_last = false;  ///< CPUID sections are left out in their place, and follow all others
    bool starts_snp = true;         ///< whether SNP guests exist under it
};

/// QEMU with KVM.
extern const VmmProfile kQemu;

/// All profiles, the default first.
std::span<const VmmProfile* const> vmm_profiles();

/// A profile by its exact name; "gce" stands for gce-milan. The error lists all names.
Result<const VmmProfile*> find_vmm_profile(std::string_view name);

/// The state in which a CPU starts: `start` is its first instruction, `signature` its CPUID Fn0000_0001 EAX,
/// `features` its SEV_FEATURES.
Vmsa initial_state(const VmmProfile& profile, CpuRole role, std::uint32_t start, std::uint32_t signature,
                   std::uint64_t features);

/// Lets a CPU start at `start`, in real mode: the upper half in CS.base, the lower in RIP.
void set_start(Vmsa& state, std::uint32_t start);

}  // namespace hallmark::snp
