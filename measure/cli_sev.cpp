// SPDX-License-Identifier: Apache-2.0
#include "measure/cli_sev.hpp"

#include <cstdio>
#include <memory>
#include <utility>

#include "common/hex.hpp"
#include "measure/cli.hpp"
#include "measure/sev/launch.hpp"

namespace hallmark::cli {
namespace {

/// Kernels and tools disagree on this one, and a digest can't show which of the two a host starts.
constexpr const char* kWhichVmType =
    "hallmark-measure: note: QEMU starts SEV-ES guests with the legacy VM type unless told otherwise "
    "(legacy-vm-type=off): MXCSR and FCW are zero then; that is --vmm-type QEMU-legacy-es, this is QEMU\n";

Json inputs_json(const SevInputs& inputs) {
    Json json = {{"firmware_sha256", to_hex(sha256(inputs.image))}};
    if (inputs.kernel) json.update(kernel_json(*inputs.kernel));
    return json;
}

Result<std::string> answer_sev(const SevOptions& options) {
    Trace trace;
    HALLMARK_TRY(SevPrediction prediction, predict_sev(options, options.answer.into(trace)));
    return answer_text(options.answer, prediction.digest, trace, std::move(prediction.parameters));
}

Result<std::string> answer_seves(const SevOptions& options) {
    HALLMARK_TRY(const std::uint32_t vcpus, vcpu_count(options.vcpus));
    Trace trace;
    HALLMARK_TRY(SevPrediction prediction, predict_seves(options, vcpus, options.answer.into(trace)));
    if (options.state.vmm_type == snp::kQemu.name) std::fputs(kWhichVmType, stderr);
    return answer_text(options.answer, prediction.digest, trace, std::move(prediction.parameters));
}

}  // namespace

Result<SevPrediction> predict_sev(const SevOptions& options, Trace* trace) {
    HALLMARK_TRY(const SevInputs inputs, read_sev_inputs(options.firmware, options.kernel));
    SevPrediction prediction;
    HALLMARK_TRY(prediction.digest,
                 sev::predict(inputs.image, inputs.kernel, std::nullopt, 0, options.firmware.name(), trace));
    prediction.parameters = inputs_json(inputs);
    return prediction;
}

Result<SevPrediction> predict_seves(const SevOptions& options, std::uint32_t vcpus, Trace* trace) {
    HALLMARK_TRY(const snp::VmmProfile* profile, snp::find_vmm_profile(options.state.vmm_type));
    HALLMARK_TRY(const std::uint32_t signature, cpu_signature(options.cpu, *profile));
    HALLMARK_TRY(const auto overrides, vmsa_overrides(options.state));
    HALLMARK_TRY(const SevInputs inputs, read_sev_inputs(options.firmware, options.kernel));
    const auto& name = options.firmware.name();
    HALLMARK_TRY(snp::CpuStates states, sev::cpu_states(*profile, inputs.image, signature, name));
    apply_overrides(overrides, states);
    SevPrediction prediction;
    HALLMARK_TRY(prediction.digest, sev::predict(inputs.image, inputs.kernel, states, vcpus, name, trace));
    prediction.parameters = {{"vmm_type", profile->name}, {"vcpus", vcpus}, {"vcpu_signature", hex_number(signature)}};
    prediction.parameters.update(inputs_json(inputs));
    if (options.dump_states) HALLMARK_CHECK(dump_states(states, vcpus));
    return prediction;
}

void add_sev_flags(CLI::App& app, SevOptions& options) {
    add_ovmf_option(app, options.firmware);
    add_kernel_options(app, options.kernel);
}

void add_seves_flags(CLI::App& app, SevOptions& options) {
    add_sev_flags(app, options);
    app.add_option("--vcpus", options.vcpus, "Number of vCPUs at launch")->type_name("N");
    add_cpu_model_options(app, options.cpu);
    add_vmm_options(app, options.state);
}

void add_sev_options(CLI::App& app, Run& run) {
    const auto options = std::make_shared<SevOptions>();
    add_sev_flags(app, *options);
    add_answer_options(app, options->answer);
    app.callback([options, &run] { run = [options] { return answer_sev(*options); }; });
}

void add_seves_options(CLI::App& app, Run& run) {
    const auto options = std::make_shared<SevOptions>();
    add_seves_flags(app, *options);
    app.add_flag("--dump-vmsa", options->dump_states, "Write the measured CPU states to vmsa0.bin, vmsa1.bin, …");
    add_answer_options(app, options->answer);
    app.callback([options, &run] { run = [options] { return answer_seves(*options); }; });
}

}  // namespace hallmark::cli
