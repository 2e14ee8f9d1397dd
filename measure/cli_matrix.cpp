// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <utility>

#include "common/checked.hpp"
#include "common/hex.hpp"
#include "common/json.hpp"
#include "measure/cli.hpp"
#include "measure/cli_launch.hpp"
#include "measure/snp/guest_features.hpp"
#include "measure/snp/launch.hpp"
#include "measure/snp/matrix.hpp"
#include "measure/snp/vcpu.hpp"

namespace hallmark::cli {
namespace {

/// More than all types, counts and a dozen features; keeps a slip of the finger from filling the memory.
constexpr std::size_t kMostLaunches = 2'000'000;

struct Options {
    FirmwareOptions firmware;
    KernelOptions kernel;
    std::string vcpus;
    std::string types;
    std::string signatures;
    std::string features = "0x1";
    std::string vmm_types = "QEMU";
    StateOptions state;
    bool json = false;
};

std::vector<std::string_view> split(std::string_view list) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto comma = list.find(',');
        parts.push_back(list.substr(0, comma));
        if (comma == std::string_view::npos) return parts;
        list.remove_prefix(comma + 1);
    }
}

/// "1-4,8": each number once, in the order that was given.
Result<std::vector<std::uint32_t>> parse_counts(std::string_view list) {
    if (list.empty()) return bad_input("--vcpus is required: numbers and ranges, such as 1-64,128");
    std::vector<std::uint8_t> seen(snp::kMostVcpus + 1);
    std::vector<std::uint32_t> counts;
    for (const auto part : split(list)) {
        const auto dash = part.find('-');
        HALLMARK_TRY(const std::uint32_t first, vcpu_count(part.substr(0, dash)));
        std::uint32_t last = first;
        if (dash != std::string_view::npos) {
            HALLMARK_TRY(last, vcpu_count(part.substr(dash + 1)));
        }
        if (last < first)
            return bad_input("--vcpus: found " + std::string(part) + ", expected the smaller number first");
        for (auto count = first; count <= last; ++count)
            if (!std::exchange(seen[count], std::uint8_t{1})) counts.push_back(count);
    }
    return counts;
}

Result<std::vector<snp::MatrixCpu>> parse_cpus(const Options& options) {
    std::vector<snp::MatrixCpu> cpus;
    if (options.types == "all") {
        for (const auto& type : snp::vcpu_types()) cpus.push_back({std::string(type.name), type.model.signature()});
    } else if (!options.types.empty()) {
        for (const auto name : split(options.types)) {
            HALLMARK_TRY(const snp::VcpuType type, snp::find_vcpu_type(name));
            cpus.push_back({std::string(type.name), type.model.signature()});
        }
    }
    if (!options.signatures.empty())
        for (const auto text : split(options.signatures)) {
            HALLMARK_TRY(const std::uint64_t signature, number_option("--vcpu-sig", text, 0, 0xffffffff));
            cpus.push_back({hex_number(signature), static_cast<std::uint32_t>(signature)});
        }
    if (cpus.empty()) return bad_input("no vCPU model; give --vcpu-type all, --vcpu-type or --vcpu-sig");
    return cpus;
}

/// "0x1,0x21" or "SNPActive,SNPActive+DebugSwap".
Result<std::vector<std::uint64_t>> parse_features(std::string_view list) {
    std::vector<std::uint64_t> features;
    for (const auto part : split(list)) {
        std::string names(part);
        std::ranges::replace(names, '+', ',');
        const auto bits = snp::parse_guest_features(names);
        if (!bits) return std::unexpected(bits.error().at("--guest-features"));
        features.push_back(*bits);
    }
    return features;
}

Result<std::vector<const snp::VmmProfile*>> parse_profiles(const Options& options) {
    std::vector<const snp::VmmProfile*> profiles;
    for (const auto name : split(options.vmm_types)) {
        StateOptions state;
        state.vmm_type = name;
        HALLMARK_TRY(const snp::VmmProfile* profile, snp_profile(state));
        profiles.push_back(profile);
    }
    return profiles;
}

Status check_size(const snp::MatrixAxes& axes, std::size_t profiles) {
    auto size = checked_multiply(axes.cpus.size(), axes.features.size());
    if (size) size = checked_multiply(*size, axes.vcpus.size());
    if (size) size = checked_multiply(*size, profiles);
    if (size && *size <= kMostLaunches) return {};
    return bad_input("more than " + std::to_string(kMostLaunches) + " launches; ask for fewer at a time");
}

std::string as_table(const std::vector<std::pair<const snp::VmmProfile*, snp::MatrixRow>>& rows) {
    std::string text = "vmm_type\tvcpu_type\tguest_features\tvcpus\tlaunch_digest\n";
    for (const auto& [profile, row] : rows)
        text += std::string(profile->name) + "\t" + row.cpu->name + "\t" + hex_number(row.features) + "\t" +
                std::to_string(row.vcpus) + "\t" + to_hex(row.digest) + "\n";
    return text;
}

Json as_json(const std::vector<std::pair<const snp::VmmProfile*, snp::MatrixRow>>& rows, const SnpInputs& inputs) {
    Json launches = Json::array();
    for (const auto& [profile, row] : rows)
        launches.push_back({{"vmm_type", profile->name},
                            {"vcpu_type", row.cpu->name},
                            {"vcpu_signature", hex_number(row.cpu->signature)},
                            {"guest_features", hex_number(row.features)},
                            {"vcpus", row.vcpus},
                            {"launch_digest", to_hex(row.digest)}});
    return {{"parameters", inputs_json(inputs)}, {"launches", std::move(launches)}};
}

Result<std::string> answer(const Options& options) {
    if (!options.firmware.ovmf && !options.firmware.seed) return bad_input("--ovmf or --seed is required");
    snp::MatrixAxes axes;
    HALLMARK_TRY(axes.vcpus, parse_counts(options.vcpus));
    HALLMARK_TRY(axes.cpus, parse_cpus(options));
    HALLMARK_TRY(axes.features, parse_features(options.features));
    HALLMARK_TRY(const auto profiles, parse_profiles(options));
    HALLMARK_TRY(const auto overrides, vmsa_overrides(options.state));
    HALLMARK_CHECK(check_size(axes, profiles.size()));
    HALLMARK_TRY(const SnpInputs inputs, read_snp_inputs(options.firmware, options.kernel, nullptr));
    const auto& firmware = inputs.firmware.measured;
    std::vector<std::pair<const snp::VmmProfile*, snp::MatrixRow>> rows;
    for (const auto* profile : profiles) {
        HALLMARK_TRY(const Sha384 memory, snp::predict_sections(firmware.after_firmware, firmware.layout, inputs.kernel,
                                                                options.firmware.name(), *profile));
        for (const auto& row : compute_matrix(memory, firmware.layout, *profile, axes, overrides))
            rows.emplace_back(profile, row);
    }
    return options.json ? to_text(as_json(rows, inputs)) : as_table(rows);
}

}  // namespace

void add_matrix_options(CLI::App& app, Run& run) {
    const auto options = std::make_shared<Options>();
    add_snp_firmware_options(app, options->firmware);
    add_kernel_options(app, options->kernel);
    app.add_option("--vcpus", options->vcpus, "Numbers of vCPUs: numbers and ranges, such as 1-64,128")
        ->type_name("LIST");
    app.add_option("--vcpu-type", options->types, "CPU models of QEMU, or all")->type_name("LIST");
    app.add_option("--vcpu-sig", options->signatures, "CPU signatures, besides the models")->type_name("LIST");
    app.add_option("--guest-features", options->features,
                   "Sets of SEV_FEATURES: 0x1,0x21 or SNPActive,SNPActive+DebugSwap (default 0x1)")
        ->type_name("LIST");
    app.add_option("--vmm-type", options->vmm_types, "Hypervisors, as for snp (default QEMU)")->type_name("LIST");
    add_vmsa_option(app, options->state);
    app.add_flag("--json", options->json, "Print JSON instead of a table");
    app.callback([options, &run] {
        options->firmware.identify = options->json;
        run = [options] { return answer(*options); };
    });
}

}  // namespace hallmark::cli
