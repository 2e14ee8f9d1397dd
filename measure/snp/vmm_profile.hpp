// SPDX-License-Identifier: Apache-2.0
// What a hypervisor does that no specification of the processor says: the state in which its CPUs start.
#pragma once

#include <cstdint>
#include <string_view>

#include "common/result.hpp"
#include "measure/snp/vmsa.hpp"

namespace hallmark::snp {

struct VmmProfile {
    std::string_view name;             ///< as --vmm-type knows it
    std::uint64_t vmsa_gpa = 0;        ///< the address under which every VMSA is measured
    std::uint32_t boot_cpu_start = 0;  ///< where the boot CPU starts (CS.base + RIP)
    Vmsa reset_state;                  ///< all that doesn't depend on the CPU's role, model or features
};

/// QEMU with KVM.
extern const VmmProfile kQemu;

/// A profile by its exact name; the error lists all names.
Result<const VmmProfile*> find_vmm_profile(std::string_view name);

/// The state in which a CPU starts: `start` is its first instruction, `signature` its CPUID Fn0000_0001 EAX,
/// `features` its SEV_FEATURES.
Vmsa initial_state(const VmmProfile& profile, std::uint32_t start, std::uint32_t signature, std::uint64_t features);

/// Lets a CPU start at `start`, in real mode: the upper half in CS.base, the lower in RIP.
void set_start(Vmsa& state, std::uint32_t start);

}  // namespace hallmark::snp
