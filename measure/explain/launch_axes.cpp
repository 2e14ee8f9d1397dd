// SPDX-License-Identifier: Apache-2.0
#include "measure/explain/launch_axes.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "common/hex.hpp"
#include "measure/explain/command_line.hpp"
#include "measure/snp/guest_features.hpp"
#include "measure/snp/vcpu.hpp"

namespace hallmark::explain {
namespace {

Axis<std::uint32_t> vcpus_axis(const LaunchRequest& request) {
    if (!request.vcpus) return {"--vcpus", "", 0};
    Axis<std::uint32_t> axis("--vcpus", std::to_string(*request.vcpus), *request.vcpus);
    for (std::uint32_t count = 1; count <= kMostTriedVcpus; ++count)
        if (count != *request.vcpus) axis.add({std::to_string(count), ""}, count);
    return axis;
}

/// The models that QEMU has, one for each signature.
Axis<std::uint32_t> cpu_axis(const LaunchRequest& request) {
    const bool typed = request.cpu_type.has_value();
    Axis<std::uint32_t> axis(typed ? "--vcpu-type" : "--vcpu-sig",
                             typed ? *request.cpu_type : hex_number(request.signature), request.signature);
    if (!request.vcpus) return axis;
    for (const auto& type : snp::vcpu_types()) {
        const auto signature = type.model.signature();
        const std::string name(type.name);
        if (axis.has(signature)) continue;
        if (typed)
            axis.add({name, "or any other model of signature " + hex_number(signature)}, signature);
        else
            axis.add({hex_number(signature), "that of " + name}, signature);
    }
    return axis;
}

/// Every signature that a processor of AMD with SEV may have: what -cpu host and models of a later QEMU start with.
Axis<std::uint32_t> signature_axis(const LaunchRequest& request, const Axis<std::uint32_t>& named) {
    constexpr std::array<std::uint32_t, 3> kFamilies = {23, 25, 26};
    Axis<std::uint32_t> axis("--vcpu-sig", hex_number(request.signature), request.signature);
    if (!request.vcpus) return axis;
    for (const auto family : kFamilies)
        for (std::uint32_t model = 0; model < 256; ++model)
            for (std::uint32_t stepping = 0; stepping < 16; ++stepping) {
                const auto signature = snp::CpuModel{family, model, stepping}.signature();
                if (named.has(signature)) continue;
                axis.add_alone(
                    {hex_number(signature), "family " + std::to_string(family) + ", model " + std::to_string(model) +
                                                ", stepping " + std::to_string(stepping) + "; -cpu host?"},
                    signature);
            }
    return axis;
}

/// Where VMSAs are measured and how memory is added matters to SNP alone.
bool same_states(const snp::VmmProfile& a, const snp::VmmProfile& b) {
    return equal(as_bytes(a.boot_cpu), as_bytes(b.boot_cpu)) && a.boot_cpu_start == b.boot_cpu_start &&
           equal(as_bytes(a.application_cpu), as_bytes(b.application_cpu)) && a.rdx == b.rdx;
}

Axis<const snp::VmmProfile*> vmm_axis(const LaunchRequest& request) {
    Axis<const snp::VmmProfile*> axis("--vmm-type", std::string(request.profile->name), request.profile);
    // Only QEMU starts an SVSM as a file of its own.
    if (!request.vcpus || !request.svsms.empty()) return axis;
    const auto is_other = [&](const snp::VmmProfile* profile) {
        if (request.snp) return profile->starts_snp && !axis.has(profile);
        return std::ranges::none_of(axis.values(), [&](const auto* known) { return same_states(*known, *profile); });
    };
    for (const auto* profile : snp::vmm_profiles())
        if (is_other(profile)) axis.add({std::string(profile->name), std::string(profile->what)}, profile);
    return axis;
}

Axis<std::vector<snp::VmsaOverride>> state_axis(const LaunchRequest& request) {
    Axis<std::vector<snp::VmsaOverride>> axis(
        "--vmsa", request.overrides.empty() ? std::nullopt : std::optional(request.overrides_text), request.overrides);
    if (!request.vcpus) return axis;
    if (!request.overrides.empty()) axis.add({std::nullopt, ""}, {});
    const auto add = [&](std::initializer_list<const char*> fields, const char* note) {
        auto overrides = request.overrides;
        std::string text;
        for (const auto* field : fields) {
            auto override = snp::parse_vmsa_override(field);
            if (override) overrides.push_back(*std::move(override));
            text += (text.empty() ? "" : " --vmsa ") + std::string(field);
        }
        axis.add({std::move(text), note}, std::move(overrides));
    };
    add({"mxcsr=0", "x87_fcw=0"}, "a KVM that hands over no FPU state");
    add({"mxcsr=0x1f80", "x87_fcw=0x37f"}, "a KVM that hands over the FPU state");
    if (!request.svsms.empty()) add({"x87_fcw=0"}, "as sev-snp-measure has it");
    return axis;
}

Axis<bool> kernel_axis(const LaunchRequest& request) {
    Axis<bool> axis("--kernel", request.kernel_name, request.kernel.has_value());
    if (request.kernel) axis.add({std::nullopt, "or QEMU started without kernel-hashes=on"}, false);
    return axis;
}

Axis<bool> initrd_axis(const LaunchRequest& request) {
    Axis<bool> axis("--initrd", request.initrd_name, request.initrd_name.has_value());
    if (request.initrd_name) axis.add({std::nullopt, ""}, false);
    return axis;
}

Axis<Sha256> append_axis(const LaunchRequest& request) {
    const auto line = request.command_line.value_or("");
    Axis<Sha256> axis("--append", request.command_line, snp::hash_command_line(line));
    if (!request.kernel) return axis;
    for (const auto& slip : slipped(line))
        axis.add({slip, slip.empty() ? "or none" : ""}, snp::hash_command_line(slip));
    return axis;
}

Axis<SectionOrder> sections_axis(const LaunchRequest& request) {
    Axis<SectionOrder> axis("metadata sections", "in the firmware's order", SectionOrder::kAsInImage);
    if (!request.snp) return axis;
    axis.add({"by address", ""}, SectionOrder::kByAddress);
    axis.add({"by type", "as older tools take them"}, SectionOrder::kByType);
    axis.add({"CPUID last", ""}, SectionOrder::kCpuidLast);
    axis.add({"without the SVSM calling area", ""}, SectionOrder::kNoCallingArea);
    axis.add({"without the kernel hashes", ""}, SectionOrder::kNoKernelHashes);
    return axis;
}

Axis<std::size_t> firmware_axis(const LaunchRequest& request) {
    Axis<std::size_t> axis("--ovmf", request.firmwares.front(), 0);
    for (std::size_t i = 1; i < request.firmwares.size(); ++i) axis.add({request.firmwares[i], ""}, i);
    return axis;
}

Axis<std::optional<std::size_t>> svsm_axis(const LaunchRequest& request) {
    if (request.svsms.empty()) return {"--svsm", std::nullopt, std::nullopt};
    Axis<std::optional<std::size_t>> axis("--svsm", request.svsms.front(), 0);
    axis.add({std::nullopt, "the firmware alone"}, std::nullopt);
    for (std::size_t i = 1; i < request.svsms.size(); ++i) axis.add({request.svsms[i], ""}, i);
    return axis;
}

/// What builds of OVMF have, then whatever else there may be.
Axis<std::uint64_t> variables_axis(const LaunchRequest& request) {
    constexpr std::uint64_t kPage = 4096;
    constexpr std::uint64_t kMostTried = 1024 * 1024;
    constexpr std::array<std::pair<std::uint64_t, const char*>, 3> kUsual = {
        {{0x84000, "a build of 4 MiB"}, {0x20000, "a build of 1 or 2 MiB"}, {0, "none between the images"}}};
    Axis<std::uint64_t> axis("--vars-size", std::to_string(request.variables), request.variables);
    if (request.svsms.empty()) return axis;
    for (const auto& [size, note] : kUsual)
        if (!axis.has(size)) axis.add({std::to_string(size), note}, size);
    for (auto size = kPage; size <= kMostTried; size += kPage)
        if (!axis.has(size)) axis.add_alone({std::to_string(size), ""}, size);
    return axis;
}

}  // namespace

Axis<std::uint64_t> features_axis(std::string option, std::uint64_t given) {
    constexpr std::array<unsigned, 4> kUsual = {3, 4, 5, 9};  // the injections, DebugSwap, SecureTSC
    Axis<std::uint64_t> axis(std::move(option), hex_number(given), given);
    const auto add = [&](std::uint64_t bits, std::string note) {
        if (!axis.has(bits)) axis.add({hex_number(bits), std::move(note)}, bits);
    };
    for (const auto& feature : snp::guest_features()) {
        const auto bit = std::uint64_t{1} << feature.bit;
        add(given ^ bit, std::string((given & bit) != 0 ? "without " : "with ") + std::string(feature.name));
    }
    for (std::uint64_t set = 0; set < 1U << kUsual.size(); ++set) {
        std::uint64_t bits = snp::kFeatureSnpActive;
        for (std::size_t i = 0; i < kUsual.size(); ++i) bits |= (set >> i & 1) << kUsual.at(i);
        add(bits, "");
    }
    return axis;
}

std::optional<snp::KernelHashes> LaunchAxes::kernel_of(const Candidate& candidate) const {
    if (!kernel.at(candidate.choice(kKernel))) return std::nullopt;
    auto hashes = kernel_hashes.value_or(snp::KernelHashes{});
    if (!initrd.at(candidate.choice(kInitrd))) hashes.initrd = snp::hash_no_initrd();
    hashes.command_line = append.at(candidate.choice(kAppend));
    return hashes;
}

std::uint32_t LaunchAxes::signature_of(const Candidate& candidate) const {
    const auto unnamed = candidate.choice(kSignature);
    return unnamed != 0 ? signature.at(unnamed) : cpu.at(candidate.choice(kCpu));
}

snp::CpuStates LaunchAxes::states_of(const Candidate& candidate, std::uint32_t application_cpu_reset) const {
    ovmf::SevFirmware start;
    start.application_cpu_reset = application_cpu_reset;
    auto states = snp::cpu_states(profile_of(candidate), start, signature_of(candidate),
                                  features.at(candidate.choice(kFeatures)));
    snp::apply_overrides(state.at(candidate.choice(kState)), states);
    return states;
}

LaunchAxes launch_axes(const LaunchRequest& request) {
    LaunchAxes axes;
    axes.vcpus = vcpus_axis(request);
    axes.cpu = cpu_axis(request);
    axes.signature = signature_axis(request, axes.cpu);
    axes.features = {"--guest-features", hex_number(request.features), request.features};
    if (request.snp) axes.features = features_axis("--guest-features", request.features);
    axes.vmm = vmm_axis(request);
    axes.state = state_axis(request);
    axes.kernel = kernel_axis(request);
    axes.initrd = initrd_axis(request);
    axes.append = append_axis(request);
    axes.sections = sections_axis(request);
    axes.firmware = firmware_axis(request);
    axes.svsm = svsm_axis(request);
    axes.variables = variables_axis(request);
    axes.kernel_hashes = request.kernel;
    axes.dimensions = {axes.vcpus.dimension(),    axes.cpu.dimension(),      axes.signature.dimension(),
                       axes.features.dimension(), axes.vmm.dimension(),      axes.state.dimension(),
                       axes.kernel.dimension(),   axes.initrd.dimension(),   axes.append.dimension(),
                       axes.sections.dimension(), axes.firmware.dimension(), axes.svsm.dimension(),
                       axes.variables.dimension()};
    return axes;
}

}  // namespace hallmark::explain
