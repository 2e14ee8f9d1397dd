// SPDX-License-Identifier: Apache-2.0
// CPU models: the signature of a model goes into the measured state of every CPU (RDX at reset).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace hallmark::snp {

/// Family, model and stepping as people write them (extended parts added in).
struct CpuModel {
    std::uint32_t family = 0;
    std::uint32_t model = 0;
    std::uint32_t stepping = 0;

    bool operator==(const CpuModel&) const = default;
    /// CPUID Fn0000_0001 EAX (AMD64 Architecture Programmer's Manual, volume 3, appendix E.3).
    [[nodiscard]] std::uint32_t signature() const;
};

/// Refuses what CPUID can't express: family above 270, model above 255 (15 below family 15), stepping above 15.
Status check_cpu_model(const CpuModel& model);

/// A model under the name that QEMU's -cpu knows.
struct VcpuType {
    std::string_view name;
    CpuModel model;
};

/// All EPYC models of QEMU 11.1 and their versions, oldest first.
std::span<const VcpuType> vcpu_types();

/// One type by its exact name; the error lists all names.
Result<VcpuType> find_vcpu_type(std::string_view name);

}  // namespace hallmark::snp
