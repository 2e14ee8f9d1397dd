// SPDX-License-Identifier: Apache-2.0
#include "measure/cli_snp.hpp"

#include <memory>
#include <system_error>

#include "common/file.hpp"
#include "common/hex.hpp"
#include "measure/cli.hpp"
#include "measure/cli_init_data.hpp"
#include "measure/snp/launch.hpp"
#include "measure/snp/svsm_launch.hpp"

namespace hallmark::cli {
namespace {

/// What the CPUs of a launch are made of.
struct Cpus {
    const snp::VmmProfile* profile = nullptr;
    std::uint32_t signature = 0;
    std::uint64_t features = 0;
    std::vector<snp::VmsaOverride> overrides;
};

Result<Cpus> read_cpus(const SnpOptions& options) {
    Cpus cpus;
    HALLMARK_TRY(cpus.profile, snp_profile(options.state));
    HALLMARK_TRY(cpus.signature, cpu_signature(options.cpu, *cpus.profile));
    HALLMARK_TRY(cpus.features, feature_bits(options.state));
    HALLMARK_TRY(cpus.overrides, vmsa_overrides(options.state));
    return cpus;
}

Json cpus_json(const Cpus& cpus, std::uint32_t vcpus) {
    return {{"vmm_type", cpus.profile->name},
            {"vcpus", vcpus},
            {"vcpu_signature", hex_number(cpus.signature)},
            {"guest_features", hex_number(cpus.features)}};
}

Result<std::uint64_t> variables_size(const SnpOptions& options) {
    if (options.variables_file && options.variables_size)
        return bad_input("--vars-size and --vars-file; give one of them");
    if (options.variables_size) return number_option("--vars-size", *options.variables_size, 0, ovmf::kLargestFirmware);
    if (!options.variables_file) return bad_input("--svsm without --vars-size or --vars-file; give one of them");
    std::error_code error;
    const auto size = std::filesystem::file_size(*options.variables_file, error);
    if (error) return bad_input(*options.variables_file + ": " + error.message());
    return size;
}

Result<SnpPrediction> predict_beside_svsm(const SnpOptions& options, const std::string& svsm_file, const Cpus& cpus,
                                          std::uint32_t vcpus, Trace* trace) {
    HALLMARK_TRY(const SvsmInputs inputs, read_svsm_inputs(options, svsm_file));
    auto states = snp::svsm_states(inputs.svsm, cpus.signature, cpus.features);
    apply_overrides(cpus.overrides, states);
    SnpPrediction prediction{predict_svsm(inputs.firmware, inputs.image, inputs.svsm, states, vcpus, trace),
                             cpus_json(cpus, vcpus)};
    prediction.parameters["firmware_sha256"] = to_hex(sha256(inputs.firmware));
    prediction.parameters["svsm_sha256"] = to_hex(sha256(inputs.image));
    prediction.parameters["svsm_gpa"] = hex_number(inputs.svsm.gpa);
    if (options.dump_states) HALLMARK_CHECK(dump_states(states, vcpus));
    return prediction;
}

Result<std::string> answer(const SnpOptions& options) {
    if (!options.firmware.ovmf && !options.firmware.seed) return bad_input("--ovmf or --seed is required");
    HALLMARK_CHECK(check_svsm_options(options));
    HALLMARK_TRY(const std::uint32_t vcpus, vcpu_count(options.vcpus));
    HALLMARK_TRY(const auto init_data, read_init_data(options.init_data));
    Trace trace;
    HALLMARK_TRY(SnpPrediction prediction, predict_snp(options, vcpus, options.answer.into(trace)));
    if (!init_data) return answer_text(options.answer, prediction.digest, trace, std::move(prediction.parameters));
    prediction.parameters["init_data"] = init_data->json();
    return answer_text(options.answer, prediction.digest, trace, std::move(prediction.parameters),
                       init_data->host_data());
}

}  // namespace

Status check_svsm_options(const SnpOptions& options) {
    if (options.svsm || (!options.variables_size && !options.variables_file)) return {};
    return bad_input("--vars-size or --vars-file without --svsm; give the SVSM too");
}

Result<SvsmInputs> read_svsm_inputs(const SnpOptions& options, const std::string& svsm_file) {
    HALLMARK_TRY(const snp::VmmProfile* profile, snp_profile(options.state));
    if (profile != &snp::kQemu) return bad_input("--svsm: only QEMU starts an SVSM so; see --vmm-type");
    if (options.kernel.kernel) return bad_input("--svsm: a kernel is not measured there; leave --kernel out");
    if (options.firmware.seed) return bad_input("--svsm: needs the firmware itself; give --ovmf, not --seed");
    SvsmInputs inputs;
    HALLMARK_TRY(inputs.variables, variables_size(options));
    HALLMARK_TRY(inputs.firmware, read_firmware(options.firmware));
    HALLMARK_CHECK(ovmf::check_firmware_size(inputs.firmware.size(), options.firmware.name()));
    HALLMARK_TRY(inputs.image, read_file(svsm_file, ovmf::kLargestFirmware));
    const auto end = ovmf::kFourGiB - inputs.firmware.size() - inputs.variables;
    HALLMARK_TRY(inputs.svsm, ovmf::parse_svsm_firmware(inputs.image, end, svsm_file, options.firmware.unknown()));
    return inputs;
}

Result<SnpPrediction> predict_snp(const SnpOptions& options, std::uint32_t vcpus, Trace* trace) {
    HALLMARK_TRY(const Cpus cpus, read_cpus(options));
    if (options.svsm) return predict_beside_svsm(options, *options.svsm, cpus, vcpus, trace);
    HALLMARK_TRY(const SnpInputs inputs, read_snp_inputs(options.firmware, options.kernel, trace));
    const auto& firmware = inputs.firmware.measured;
    HALLMARK_TRY(const Sha384 memory, snp::predict_sections(firmware.after_firmware, firmware.layout, inputs.kernel,
                                                            options.firmware.name(), *cpus.profile, trace));
    auto states = snp::cpu_states(*cpus.profile, firmware.layout, cpus.signature, cpus.features);
    apply_overrides(cpus.overrides, states);
    snp::LaunchDigest digest(memory, trace);
    add_cpus(digest, *cpus.profile, states, vcpus);
    SnpPrediction prediction{digest.value(), cpus_json(cpus, vcpus)};
    prediction.parameters.update(inputs_json(inputs));
    if (options.dump_states) HALLMARK_CHECK(dump_states(states, vcpus));
    return prediction;
}

void add_snp_flags(CLI::App& app, SnpOptions& options) {
    add_snp_firmware_options(app, options.firmware);
    add_text(app, "--snp-ovmf-hash", options.firmware.digest, "HEX",
             "Digest of the firmware, instead of that of the image's bytes");
    add_kernel_options(app, options.kernel);
    app.add_option("--vcpus", options.vcpus, "Number of vCPUs at launch")->type_name("N");
    add_cpu_model_options(app, options.cpu);
    add_features_option(app, options.state);
    add_vmm_options(app, options.state);
    add_text(app, "--svsm", options.svsm, "FILE", "SVSM image that is loaded beside the firmware");
    add_text(app, "--vars-size", options.variables_size, "BYTES", "Size of the firmware's variables, with --svsm");
    add_text(app, "--vars-file", options.variables_file, "FILE", "The firmware's variables, with --svsm");
}

void add_snp_options(CLI::App& app, Run& run) {
    const auto options = std::make_shared<SnpOptions>();
    add_snp_flags(app, *options);
    add_init_data_option(app, options->init_data, "HOSTDATA");
    app.add_flag("--dump-vmsa", options->dump_states, "Write the measured CPU states to vmsa0.bin, vmsa1.bin, …");
    add_answer_options(app, options->answer);
    app.callback([options, &run] {
        options->firmware.identify = options->answer.json;
        run = [options] { return answer(*options); };
    });
}

}  // namespace hallmark::cli
