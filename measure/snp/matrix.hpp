// SPDX-License-Identifier: Apache-2.0
// Many launches of one guest memory: all combinations of CPU models, features and numbers of CPUs, each piece of work
// done once. The chain for N CPUs is the chain for N-1 and one more page, and depends on nothing but the memory's
// digest and the contents of two pages.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/digest.hpp"
#include "measure/ovmf/sev_firmware.hpp"
#include "measure/snp/launch.hpp"
#include "measure/snp/vmm_profile.hpp"
#include "measure/snp/vmsa_fields.hpp"
#include "measure/trace.hpp"

namespace hallmark::snp {

/// The largest number of CPUs of a launch: KVM's own limit on x86 (KVM_MAX_VCPUS).
constexpr std::uint32_t kMostVcpus = 4096;

/// A model of CPU under the name that its users give it.
struct MatrixCpu {
    std::string name;
    std::uint32_t signature = 0;
};

/// What varies.
struct MatrixAxes {
    std::vector<MatrixCpu> cpus;
    std::vector<std::uint64_t> features;
    std::vector<std::uint32_t> vcpus;  ///< 1 to kMostVcpus each
};

struct MatrixRow {
    const MatrixCpu* cpu;  ///< borrowed from the axes
    std::uint64_t features = 0;
    std::uint32_t vcpus = 0;
    Sha384 digest{};
};

/// All launches, CPU model by model, for each the features, for each the numbers of CPUs. `memory` is the digest after
/// the sections (see predict_sections). Independent chains are computed on all processors.
std::vector<MatrixRow> compute_matrix(const Sha384& memory, const ovmf::SevFirmware& firmware,
                                      const VmmProfile& profile, const MatrixAxes& axes,
                                      std::span<const VmsaOverride> overrides = {});

/// A launch digest of some CPUs, extended by `more` application CPUs in this state.
Sha384 extend_cpus(const Sha384& digest, const VmmProfile& profile, const Vmsa& application_cpu, std::uint32_t more,
                   Trace* trace = nullptr);

}  // namespace hallmark::snp
