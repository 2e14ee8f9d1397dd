// SPDX-License-Identifier: Apache-2.0
// What may be other than believed about the launch of a guest with SEV, SEV-ES or SEV-SNP.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/digest.hpp"
#include "measure/explain/dimension.hpp"
#include "measure/explain/search.hpp"
#include "measure/explain/section_order.hpp"
#include "measure/snp/kernel_hashes.hpp"
#include "measure/snp/launch.hpp"
#include "measure/snp/vmm_profile.hpp"
#include "measure/snp/vmsa_fields.hpp"

namespace hallmark::explain {

/// The launch as it was asked for.
struct LaunchRequest {
    bool snp = true;                      ///< or SEV-ES, or SEV where there is no number of CPUs
    std::optional<std::uint32_t> vcpus;   ///< nothing where no CPU is measured
    std::optional<std::string> cpu_type;  ///< as it was typed, if the signature comes from there
    std::uint32_t signature = 0;
    std::uint64_t features = 0;
    const snp::VmmProfile* profile = nullptr;
    std::vector<snp::VmsaOverride> overrides;
    std::string overrides_text;  ///< as they were typed
    std::optional<snp::KernelHashes> kernel;
    std::optional<std::string> kernel_name;  ///< as they were typed
    std::optional<std::string> initrd_name;
    std::optional<std::string> command_line;
    std::vector<std::string> firmwares;  ///< their names; the first is the one asked for
    std::vector<std::string> svsms;      ///< the same of the images beside it; none where it was started alone
    std::uint64_t variables = 0;         ///< size of the firmware's variables, which lie between the two, in bytes
};

/// Every kind of launch has all of them; those that don't matter to it have no other values.
struct LaunchAxes {
    /// Positions in a candidate. vCPU counts are the run.
    enum Index : std::size_t {
        kVcpus,
        kCpu,
        kSignature,
        kFeatures,
        kVmm,
        kState,
        kKernel,
        kInitrd,
        kAppend,
        kSections,
        kFirmware,
        kSvsm,
        kVariables
    };

    Axis<std::uint32_t> vcpus;
    Axis<std::uint32_t> cpu;
    Axis<std::uint32_t> signature;  ///< any of a processor, whether or not QEMU has a name for it
    Axis<std::uint64_t> features;
    Axis<const snp::VmmProfile*> vmm;
    Axis<std::vector<snp::VmsaOverride>> state;
    Axis<bool> kernel;  ///< whether it is measured
    Axis<bool> initrd;
    Axis<Sha256> append;
    Axis<SectionOrder> sections;
    Axis<std::size_t> firmware;             ///< index in the request's list
    Axis<std::optional<std::size_t>> svsm;  ///< the same; nothing: none is started
    Axis<std::uint64_t> variables;

    std::vector<Dimension> dimensions;  ///< of all these, by Index
    std::optional<snp::KernelHashes> kernel_hashes;

    /// What of a kernel the candidate measures.
    [[nodiscard]] std::optional<snp::KernelHashes> kernel_of(const Candidate& candidate) const;
    [[nodiscard]] std::uint32_t signature_of(const Candidate& candidate) const;
    /// The states in which its CPUs start, on a firmware with this reset address.
    [[nodiscard]] snp::CpuStates states_of(const Candidate& candidate, std::uint32_t application_cpu_reset) const;
    [[nodiscard]] const snp::VmmProfile& profile_of(const Candidate& candidate) const {
        return *vmm.at(candidate.choice(kVmm));
    }
    /// The choice of the run that stands for a number of CPUs.
    [[nodiscard]] std::size_t choice_of(std::uint32_t count) const {
        return count == vcpus.at(0) ? 0 : count < vcpus.at(0) ? count : count - 1;
    }
};

/// The largest number of CPUs that is tried.
constexpr std::uint32_t kMostTriedVcpus = 512;

LaunchAxes launch_axes(const LaunchRequest& request);

/// Other sets of SEV_FEATURES: one more or less, and every set of those that hosts turn on. `option` says where they
/// are given.
Axis<std::uint64_t> features_axis(std::string option, std::uint64_t given);

}  // namespace hallmark::explain
