// SPDX-License-Identifier: Apache-2.0
#include "measure/snp/vcpu.hpp"

#include <algorithm>
#include <array>

namespace hallmark::snp {
namespace {

constexpr CpuModel kNaples{23, 1, 2};
constexpr CpuModel kRome{23, 49, 0};
constexpr CpuModel kMilan{25, 1, 1};
constexpr CpuModel kGenoa{25, 17, 0};
constexpr CpuModel kTurin{26, 0, 0};

// As QEMU 11.1.3 answers query-cpu-model-expansion; all versions of a model share family, model and stepping.
constexpr std::array kTypes = {
    VcpuType{"EPYC", kNaples},         VcpuType{"EPYC-v1", kNaples},      VcpuType{"EPYC-v2", kNaples},
    VcpuType{"EPYC-v3", kNaples},      VcpuType{"EPYC-v4", kNaples},      VcpuType{"EPYC-v5", kNaples},
    VcpuType{"EPYC-IBPB", kNaples},    VcpuType{"EPYC-Rome", kRome},      VcpuType{"EPYC-Rome-v1", kRome},
    VcpuType{"EPYC-Rome-v2", kRome},   VcpuType{"EPYC-Rome-v3", kRome},   VcpuType{"EPYC-Rome-v4", kRome},
    VcpuType{"EPYC-Rome-v5", kRome},   VcpuType{"EPYC-Milan", kMilan},    VcpuType{"EPYC-Milan-v1", kMilan},
    VcpuType{"EPYC-Milan-v2", kMilan}, VcpuType{"EPYC-Milan-v3", kMilan}, VcpuType{"EPYC-Milan-v4", kMilan},
    VcpuType{"EPYC-Genoa", kGenoa},    VcpuType{"EPYC-Genoa-v1", kGenoa}, VcpuType{"EPYC-Genoa-v2", kGenoa},
    VcpuType{"EPYC-Genoa-v3", kGenoa}, VcpuType{"EPYC-Turin", kTurin},    VcpuType{"EPYC-Turin-v1", kTurin},
    VcpuType{"EPYC-Turin-v2", kTurin},
};

constexpr std::uint32_t kBaseFamily = 15;

}  // namespace

std::uint32_t CpuModel::signature() const {
    // Above 15 the family is split into base and extension, and only then the model may have a high half.
    const auto low = (model & 15) << 4 | (stepping & 15);
    if (family < kBaseFamily) return family << 8 | low;
    return (family - kBaseFamily) << 20 | (model >> 4) << 16 | kBaseFamily << 8 | low;
}

Status check_cpu_model(const CpuModel& model) {
    const std::uint32_t most_model = model.family < kBaseFamily ? 15 : 255;
    if (model.family <= kBaseFamily + 255 && model.model <= most_model && model.stepping <= 15) return {};
    return bad_input("CPU family " + std::to_string(model.family) + ", model " + std::to_string(model.model) +
                     ", stepping " + std::to_string(model.stepping) + ": expected at most " +
                     std::to_string(kBaseFamily + 255) + ", " + std::to_string(most_model) + " and 15");
}

std::span<const VcpuType> vcpu_types() { return kTypes; }

Result<VcpuType> find_vcpu_type(std::string_view name) {
    const auto found = std::ranges::find(kTypes, name, &VcpuType::name);
    if (found != kTypes.end()) return *found;
    std::string known;
    for (const auto& type : kTypes) known += (known.empty() ? "" : ", ") + std::string(type.name);
    return bad_input("unknown vCPU type '" + std::string(name) + "'; known are " + known);
}

}  // namespace hallmark::snp
