// SPDX-License-Identifier: Apache-2.0
// explain snp, sev and seves.
#include "measure/cli_explain_launch.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "common/hex.hpp"
#include "measure/cli_sev.hpp"
#include "measure/cli_snp.hpp"
#include "measure/explain/expected.hpp"
#include "measure/explain/launch_axes.hpp"
#include "measure/explain/sev_space.hpp"
#include "measure/explain/snp_space.hpp"
#include "measure/ovmf/sev_firmware.hpp"
#include "measure/sev/launch.hpp"
#include "measure/snp/firmware_file.hpp"
#include "measure/snp/launch.hpp"
#include "measure/snp/vmm_profile.hpp"

namespace hallmark::cli {
namespace {

template <class Digest>
Result<Digest> expected_digest(const std::string& text) {
    Digest digest{};
    HALLMARK_TRY(const Bytes bytes, expected_launch_digest(text, digest.size()));
    std::ranges::copy(bytes, digest.begin());
    return digest;
}

std::string joined(const std::vector<std::string>& words, const char* between) {
    std::string text;
    for (const auto& word : words) text += (text.empty() ? "" : between) + word;
    return text;
}

/// What both kinds of launch that measure CPUs have of them.
Status add_cpus(explain::LaunchRequest& request, const std::string& vcpus, const CpuModelOptions& cpu,
                const StateOptions& state) {
    HALLMARK_TRY(const std::uint32_t count, vcpu_count(vcpus));
    request.vcpus = count;
    HALLMARK_TRY(request.signature, cpu_signature(cpu, *request.profile));
    if (!cpu.signature && !cpu.family) request.cpu_type = cpu.type;
    HALLMARK_TRY(request.overrides, vmsa_overrides(state));
    request.overrides_text = joined(state.vmsa, " --vmsa ");
    return {};
}

void add_kernel(explain::LaunchRequest& request, const KernelOptions& options,
                const std::optional<snp::KernelHashes>& hashes) {
    request.kernel = hashes;
    request.kernel_name = options.kernel;
    request.initrd_name = options.initrd;
    request.command_line = options.append;
}

/// Whether a calculation has a value.
template <class T>
Status predictable(const Result<T>& value) {
    if (!value) return std::unexpected(value.error());
    return {};
}

Result<explain::LaunchRequest> snp_request(const SnpOptions& options) {
    HALLMARK_CHECK(check_svsm_options(options));
    if (!options.firmware.ovmf && !options.firmware.seed) return bad_input("--ovmf or --seed is required");
    explain::LaunchRequest request;
    HALLMARK_TRY(request.profile, snp_profile(options.state));
    HALLMARK_TRY(request.features, feature_bits(options.state));
    HALLMARK_CHECK(add_cpus(request, options.vcpus, options.cpu, options.state));
    return request;
}

Result<Answer> explain_snp(const ExplainOptions& shared, const SnpOptions& options) {
    HALLMARK_TRY(const Sha384 expected, expected_digest<Sha384>(shared.expected));
    HALLMARK_TRY(explain::LaunchRequest request, snp_request(options));
    if (options.svsm) return explain_svsm(shared, options, std::move(request), expected);
    HALLMARK_TRY(SnpInputs inputs, read_snp_inputs(options.firmware, options.kernel, nullptr));
    const auto& own = inputs.firmware.measured;
    HALLMARK_CHECK(predictable(snp::predict_sections(own.after_firmware, own.layout, inputs.kernel,
                                                     options.firmware.name(), *request.profile)));
    add_kernel(request, options.kernel, inputs.kernel);
    std::vector<snp::MeasuredFirmware> firmwares = {std::move(inputs.firmware.measured)};
    request.firmwares = {options.firmware.name()};
    HALLMARK_TRY(const auto others, other_firmwares(shared, options.firmware.name()));
    for (const auto& name : others) {
        // A folder may have other files too.
        auto file = snp::measure_firmware_file(name, options.firmware.unknown(), false);
        if (!file) continue;
        request.firmwares.push_back(name);
        firmwares.push_back(std::move(file->firmware));
    }
    const explain::SnpSpace space(request, std::move(firmwares), expected);
    return explained(shared, "launch digest", space, space.value(), expected, kLaunchHint);
}

/// All firmwares of a request, its own first; what else a folder has is passed over.
Result<std::vector<explain::SevSpace::Firmware>> sev_firmwares(const ExplainOptions& shared,
                                                               const FirmwareOptions& options, Bytes own,
                                                               std::vector<std::string>& names) {
    HALLMARK_TRY(const auto others, other_firmwares(shared, options.name()));
    names = {options.name()};
    std::vector<explain::SevSpace::Firmware> firmwares;
    // SEV without ES needs no table of a firmware that measures no kernel.
    const auto tables = ovmf::parse_sev_tables(own, options.name());
    firmwares.push_back({std::move(own), tables ? *tables : ovmf::SevTables{}});
    for (const auto& name : others) {
        FirmwareOptions other = options;
        other.ovmf = name;
        auto image = read_firmware(other);
        if (!image) continue;
        const auto found = ovmf::parse_sev_tables(*image, name);
        if (!found) continue;
        names.push_back(name);
        firmwares.push_back({*std::move(image), *found});
    }
    return firmwares;
}

/// SEV, and SEV-ES where the request has CPUs.
Result<Answer> explain_sev(const ExplainOptions& shared, const SevOptions& options, explain::LaunchRequest request) {
    HALLMARK_TRY(const Sha256 expected, expected_digest<Sha256>(shared.expected));
    request.snp = false;
    HALLMARK_TRY(SevInputs inputs, read_sev_inputs(options.firmware, options.kernel));
    const auto& name = options.firmware.name();
    HALLMARK_CHECK(predictable(sev::predict(inputs.image, inputs.kernel, std::nullopt, 0, name)));
    if (request.vcpus) HALLMARK_CHECK(predictable(sev::cpu_states(*request.profile, inputs.image, 0, name)));
    add_kernel(request, options.kernel, inputs.kernel);
    HALLMARK_TRY(auto firmwares, sev_firmwares(shared, options.firmware, std::move(inputs.image), request.firmwares));
    const explain::SevSpace space(request, std::move(firmwares), expected);
    return explained(shared, "launch digest", space, space.value(), expected, kLaunchHint);
}

Result<Answer> explain_sev_alone(const ExplainOptions& shared, const SevOptions& options) {
    explain::LaunchRequest request;
    request.profile = &snp::kQemu;
    return explain_sev(shared, options, std::move(request));
}

Result<Answer> explain_seves(const ExplainOptions& shared, const SevOptions& options) {
    explain::LaunchRequest request;
    HALLMARK_TRY(request.profile, snp::find_vmm_profile(options.state.vmm_type));
    HALLMARK_CHECK(add_cpus(request, options.vcpus, options.cpu, options.state));
    return explain_sev(shared, options, std::move(request));
}

}  // namespace

Result<Bytes> expected_launch_digest(const std::string& text, std::size_t size) {
    HALLMARK_TRY(const explain::Expected expected, explain::read_expected(text));
    Bytes bytes;
    if (const auto* bare = std::get_if<explain::BareDigest>(&expected)) bytes = bare->bytes;
    if (const auto* measured = std::get_if<explain::LaunchMeasurement>(&expected))
        bytes = {measured->digest.begin(), measured->digest.end()};
    if (bytes.empty())
        return bad_input("--expected: " + text + ": has no launch digest of SEV; see explain tdx and pcr");
    if (bytes.size() != size)
        return bad_input("--expected: a digest of " + std::to_string(2 * bytes.size()) + " digits, expected the " +
                         std::to_string(2 * size) + " of this kind of launch; see explain --help for others");
    return bytes;
}

void add_explain_sev(CLI::App& app, const SharedExplainOptions& shared, Run& run) {
    const auto options = std::make_shared<SevOptions>();
    add_sev_flags(app, *options);
    app.callback([options, shared, &run] { run = [options, shared] { return explain_sev_alone(*shared, *options); }; });
}

void add_explain_seves(CLI::App& app, const SharedExplainOptions& shared, Run& run) {
    const auto options = std::make_shared<SevOptions>();
    add_seves_flags(app, *options);
    app.callback([options, shared, &run] { run = [options, shared] { return explain_seves(*shared, *options); }; });
}

void add_explain_snp(CLI::App& app, const SharedExplainOptions& shared, Run& run) {
    const auto options = std::make_shared<SnpOptions>();
    add_snp_flags(app, *options);
    app.callback([options, shared, &run] { run = [options, shared] { return explain_snp(*shared, *options); }; });
}

}  // namespace hallmark::cli
