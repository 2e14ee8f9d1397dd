// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>

#include "common/hex.hpp"
#include "common/json.hpp"
#include "measure/cli.hpp"
#include "measure/cli_launch.hpp"
#include "measure/snp/launch.hpp"
#include "measure/snp/matrix.hpp"

namespace hallmark::cli {
namespace {

struct Options {
    std::string digest;
    std::string from = "1";
    std::string vcpus;
    FirmwareOptions firmware;
    Text application_cpu_reset;
    CpuModelOptions cpu;
    StateOptions state;
    AnswerOptions answer;
};

/// Where the application CPUs start: all that extending needs of the firmware.
Result<std::uint32_t> reset_address(const Options& options) {
    if (options.application_cpu_reset) {
        HALLMARK_TRY(const std::uint64_t address,
                     number_option("--ap-reset", *options.application_cpu_reset, 1, 0xffffffff));
        return static_cast<std::uint32_t>(address);
    }
    if (!options.firmware.ovmf && !options.firmware.seed) return bad_input("--seed, --ovmf or --ap-reset is required");
    HALLMARK_TRY(const FirmwareInputs inputs, read_firmware_inputs(options.firmware, nullptr));
    return inputs.measured.layout.application_cpu_reset;
}

Result<Sha384> launch_digest(std::string_view text) {
    const auto bytes = from_hex(text);
    if (!bytes) return std::unexpected(bytes.error().at("--launch-digest"));
    Sha384 digest{};
    if (bytes->size() != digest.size())
        return bad_input("--launch-digest: found " + std::to_string(text.size()) + " digits, expected 96");
    std::ranges::copy(*bytes, digest.begin());
    return digest;
}

Result<std::string> answer(const Options& options) {
    HALLMARK_TRY(const Sha384 digest, launch_digest(options.digest));
    HALLMARK_TRY(const std::uint32_t vcpus, vcpu_count(options.vcpus));
    HALLMARK_TRY(const std::uint64_t from, number_option("--from", options.from, 1, vcpus));
    HALLMARK_TRY(const snp::VmmProfile* profile, snp_profile(options.state));
    HALLMARK_TRY(const std::uint32_t signature, cpu_signature(options.cpu, *profile));
    HALLMARK_TRY(const std::uint64_t features, feature_bits(options.state));
    HALLMARK_TRY(const auto overrides, vmsa_overrides(options.state));
    ovmf::SevFirmware firmware;
    HALLMARK_TRY(firmware.application_cpu_reset, reset_address(options));
    auto states = snp::cpu_states(*profile, firmware, signature, features);
    apply_overrides(overrides, states);
    Trace trace;
    const auto extended = snp::extend_cpus(digest, *profile, states.application_cpu,
                                           vcpus - static_cast<std::uint32_t>(from), options.answer.into(trace));
    return answer_text(options.answer, extended, trace,
                       {{"vmm_type", profile->name},
                        {"from_launch_digest", to_hex(digest)},
                        {"from_vcpus", from},
                        {"vcpus", vcpus},
                        {"vcpu_signature", hex_number(signature)},
                        {"guest_features", hex_number(features)},
                        {"application_cpu_reset", hex_number(firmware.application_cpu_reset)}});
}

}  // namespace

void add_extend_options(CLI::App& app, Run& run) {
    const auto options = std::make_shared<Options>();
    app.add_option("--launch-digest", options->digest, "Digest of the launch on fewer vCPUs")
        ->type_name("HEX")
        ->required();
    app.add_option("--from", options->from, "The number of vCPUs of that launch (default 1)")->type_name("N");
    app.add_option("--vcpus", options->vcpus, "Number of vCPUs to extend it to")->type_name("N");
    add_snp_firmware_options(app, options->firmware);
    add_text(app, "--ap-reset", options->application_cpu_reset, "ADDRESS",
             "Where the firmware lets application CPUs start, instead of the firmware");
    add_cpu_model_options(app, options->cpu);
    add_features_option(app, options->state);
    add_vmm_options(app, options->state);
    add_answer_options(app, options->answer);
    app.callback([options, &run] { run = [options] { return answer(*options); }; });
}

}  // namespace hallmark::cli
