// SPDX-License-Identifier: Apache-2.0
#include "measure/cli_launch.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "common/base64.hpp"
#include "common/file.hpp"
#include "common/hex.hpp"
#include "measure/parallel.hpp"
#include "measure/snp/firmware_file.hpp"
#include "measure/snp/guest_features.hpp"
#include "measure/snp/matrix.hpp"
#include "measure/snp/vcpu.hpp"

namespace hallmark::cli {
namespace {

Result<std::uint32_t> model_number(std::string_view option, const Text& text) {
    if (!text)
        return bad_input(std::string(option) +
                         ": missing; --vcpu-family, --vcpu-model and --vcpu-stepping go together");
    HALLMARK_TRY(const std::uint64_t number, number_option(option, *text, 0, 0xffff));
    return static_cast<std::uint32_t>(number);
}

Result<Sha256> hash_file(std::string_view option, const std::string& path, bool may_be_empty) {
    if (path.empty()) return bad_input(std::string(option) + ": empty, expected the name of a file");
    // What is not a regular file can only be taken where an empty one can: /dev/null has no size.
    if (may_be_empty && path == "/dev/null") return sha256({});
    HALLMARK_TRY(const FileDigest digest, digest_file(path));
    if (digest.size == 0 && !may_be_empty) return bad_input(path + ": empty, expected the file that is booted");
    return digest.sha256;
}

Result<Sha256> hash_kernel(const KernelOptions& options) {
    if (!options.kernel) return Sha256{};
    return hash_file("--kernel", *options.kernel, options.may_be_empty);
}

Result<Sha256> hash_initrd(const KernelOptions& options) {
    if (!options.initrd) return snp::hash_no_initrd();
    return hash_file("--initrd", *options.initrd, options.may_be_empty);
}

/// Runs `firmware` beside the hashing of kernel and initrd.
template <class Firmware>
Result<std::pair<Firmware, std::optional<snp::KernelHashes>>> read_inputs(
    const KernelOptions& options, const std::function<Result<Firmware>()>& read_firmware_part) {
    HALLMARK_CHECK(check_kernel_options(options));
    Result<Firmware> firmware;
    Result<Sha256> kernel;
    Result<Sha256> initrd;
    parallel_for(3, [&](std::size_t job) {
        if (job == 0) initrd = hash_initrd(options);  // the largest first
        if (job == 1) kernel = hash_kernel(options);
        if (job == 2) firmware = read_firmware_part();
    });
    HALLMARK_TRY(Firmware read, std::move(firmware));
    if (!options.kernel) return std::pair(std::move(read), std::optional<snp::KernelHashes>{});
    snp::KernelHashes hashes;
    HALLMARK_TRY(hashes.kernel, std::move(kernel));
    HALLMARK_TRY(hashes.initrd, std::move(initrd));
    hashes.command_line = snp::hash_command_line(options.append.value_or(""));
    return std::pair(std::move(read), std::optional(hashes));
}

Result<Sha384> digest_option(std::string_view option, std::string_view text) {
    const auto bytes = from_hex(text);
    if (!bytes) return std::unexpected(bytes.error().at(option));
    Sha384 digest{};
    if (bytes->size() != digest.size())
        return bad_input(std::string(option) + ": found " + std::to_string(text.size()) + " digits, expected 96");
    std::ranges::copy(*bytes, digest.begin());
    return digest;
}

Result<std::string> ovmf_file(const FirmwareOptions& options) {
    if (!options.ovmf) return bad_input("--ovmf is required: the firmware image");
    if (options.ovmf->empty()) return bad_input("--ovmf: empty, expected the name of a file");
    return *options.ovmf;
}

}  // namespace

CLI::Option* add_text(CLI::App& app, const char* name, Text& into, const char* type, const char* description) {
    return app.add_option_function<std::string>(
                  name, [&into](const std::string& text) { into = text; }, description)
        ->type_name(type);
}

void add_cpu_model_options(CLI::App& app, CpuModelOptions& options) {
    add_text(app, "--vcpu-type", options.type, "NAME", "QEMU's name of the CPU model, such as EPYC-v4");
    add_text(app, "--vcpu-sig", options.signature, "NUMBER",
             "CPU signature (CPUID Fn0000_0001 EAX); wins over --vcpu-type");
    add_text(app, "--vcpu-family", options.family, "NUMBER", "CPU family; wins over the two above");
    add_text(app, "--vcpu-model", options.model, "NUMBER", "CPU model, with --vcpu-family");
    add_text(app, "--vcpu-stepping", options.stepping, "NUMBER", "CPU stepping, with --vcpu-family");
}

Result<std::uint32_t> cpu_signature(const CpuModelOptions& options) {
    if (options.family || options.model || options.stepping) {
        snp::CpuModel model;
        HALLMARK_TRY(model.family, model_number("--vcpu-family", options.family));
        HALLMARK_TRY(model.model, model_number("--vcpu-model", options.model));
        HALLMARK_TRY(model.stepping, model_number("--vcpu-stepping", options.stepping));
        HALLMARK_CHECK(snp::check_cpu_model(model));
        return model.signature();
    }
    if (options.signature) {
        HALLMARK_TRY(const std::uint64_t signature, number_option("--vcpu-sig", *options.signature, 0, 0xffffffff));
        return static_cast<std::uint32_t>(signature);
    }
    if (options.type) {
        HALLMARK_TRY(const snp::VcpuType type, snp::find_vcpu_type(*options.type));
        return type.model.signature();
    }
    return bad_input("no vCPU model; give --vcpu-type, --vcpu-sig, or --vcpu-family, --vcpu-model and --vcpu-stepping");
}

Result<std::uint32_t> cpu_signature(const CpuModelOptions& options, const snp::VmmProfile& profile) {
    const bool given = options.type || options.signature || options.family || options.model || options.stepping;
    if (!given && profile.rdx) return 0;
    return cpu_signature(options);
}

void add_kernel_options(CLI::App& app, KernelOptions& options) {
    add_text(app, "--kernel", options.kernel, "FILE", "Kernel that is booted directly");
    add_text(app, "--initrd", options.initrd, "FILE", "Its initrd");
    add_text(app, "--append", options.append, "TEXT", "Its command line, byte for byte");
}

Status check_kernel_options(const KernelOptions& options) {
    if (!options.kernel && options.initrd) return bad_input("--initrd without --kernel; give the kernel too");
    if (!options.kernel && options.append) return bad_input("--append without --kernel; give the kernel too");
    return {};
}

void add_ovmf_option(CLI::App& app, FirmwareOptions& options) {
    add_text(app, "--ovmf", options.ovmf, "FILE", "Firmware image");
}

void add_snp_firmware_options(CLI::App& app, FirmwareOptions& options) {
    add_ovmf_option(app, options);
    add_text(app, "--seed", options.seed, "FILE", "Firmware seed instead of the image; see firmware-seed");
    app.add_flag("--allow-unknown-sections", options.allow_unknown_sections,
                 "Take metadata sections of unknown type, as zero pages");
}

Result<Bytes> read_firmware(const FirmwareOptions& options) {
    HALLMARK_TRY(const std::string file, ovmf_file(options));
    return read_file(file, ovmf::kLargestFirmware);
}

Result<FirmwareInputs> read_firmware_inputs(const FirmwareOptions& options, Trace* trace) {
    FirmwareInputs inputs;
    if (options.seed) {
        if (options.ovmf) return bad_input("--seed and --ovmf; give one of them");
        HALLMARK_TRY(const Bytes text, read_file(*options.seed, snp::kLargestFirmwareSeed));
        HALLMARK_TRY(snp::FirmwareSeed seed, snp::parse_firmware_seed(text, *options.seed, options.unknown()));
        inputs.sha256 = seed.sha256;
        inputs.measured = std::move(seed);
    } else if (options.digest) {
        HALLMARK_TRY(const Bytes image, read_firmware(options));
        HALLMARK_TRY(inputs.measured.layout, ovmf::parse_sev_firmware(image, options.name(), options.unknown()));
        if (options.identify) inputs.sha256 = sha256(image);
    } else {
        HALLMARK_TRY(const std::string file, ovmf_file(options));
        HALLMARK_TRY(snp::MeasuredFile measured,
                     snp::measure_firmware_file(file, options.unknown(), options.identify, trace));
        return FirmwareInputs{std::move(measured.firmware), measured.sha256};
    }
    if (options.digest) {
        HALLMARK_TRY(inputs.measured.after_firmware, digest_option("--snp-ovmf-hash", *options.digest));
    }
    if (trace != nullptr) trace->push_back({"firmware, from its digest", "", to_hex(inputs.measured.after_firmware)});
    return inputs;
}

Result<SnpInputs> read_snp_inputs(const FirmwareOptions& firmware, const KernelOptions& kernel, Trace* trace) {
    HALLMARK_TRY(auto inputs,
                 read_inputs<FirmwareInputs>(kernel, [&] { return read_firmware_inputs(firmware, trace); }));
    return SnpInputs{std::move(inputs.first), inputs.second};
}

Result<SevInputs> read_sev_inputs(const FirmwareOptions& firmware, const KernelOptions& kernel) {
    HALLMARK_TRY(auto inputs, read_inputs<Bytes>(kernel, [&] { return read_firmware(firmware); }));
    return SevInputs{std::move(inputs.first), inputs.second};
}

void add_vmm_options(CLI::App& app, StateOptions& options) {
    std::string names;
    for (const auto* profile : snp::vmm_profiles()) names += ", " + std::string(profile->name);
    app.add_option("--vmm-type", options.vmm_type, "Hypervisor: " + names.substr(2) + " (default QEMU)")
        ->type_name("NAME");
    add_vmsa_option(app, options);
}

void add_vmsa_option(CLI::App& app, StateOptions& options) {
    app.add_option("--vmsa", options.vmsa,
                   "Value of a field of the CPUs' initial state, or with bsp. or ap. in front of the boot CPU's or "
                   "the others'; may be given more than once")
        ->type_name("FIELD=VALUE")
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void add_features_option(CLI::App& app, StateOptions& options) {
    app.add_option("--guest-features", options.features,
                   "SEV_FEATURES of every vCPU, as a number or as names: SNPActive,DebugSwap (default 0x1)")
        ->type_name("FEATURES");
}

Result<std::vector<snp::VmsaOverride>> vmsa_overrides(const StateOptions& options) {
    std::vector<snp::VmsaOverride> overrides;
    for (const auto& text : options.vmsa) {
        auto override = snp::parse_vmsa_override(text);
        if (!override) return std::unexpected(override.error().at("--vmsa"));
        overrides.push_back(*std::move(override));
    }
    return overrides;
}

Result<const snp::VmmProfile*> snp_profile(const StateOptions& options) {
    HALLMARK_TRY(const snp::VmmProfile* profile, snp::find_vmm_profile(options.vmm_type));
    if (profile->starts_snp) return profile;
    return bad_input("--vmm-type: " + options.vmm_type + " starts no SNP guests, expected another; see seves");
}

Result<std::uint64_t> feature_bits(const StateOptions& options) {
    auto features = snp::parse_guest_features(options.features);
    if (!features) return std::unexpected(features.error().at("--guest-features"));
    return features;
}

void add_answer_options(CLI::App& app, AnswerOptions& options) {
    app.add_option("--output-format", options.format, "hex (default) or base64")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"hex", "base64"}));
    app.add_flag("--json", options.json, "Print the digest and all that went into it as JSON");
    app.add_flag("--trace", options.trace, "Print every step: what goes in, its digest, the running value");
}

std::string answer_text(const AnswerOptions& options, ByteSpan digest, const Trace& trace, Json parameters,
                        const std::optional<Sha256>& host_data) {
    if (options.json) {
        Json answer = {{"launch_digest", to_hex(digest)}};
        if (host_data) answer["host_data"] = to_hex(*host_data);
        answer["parameters"] = std::move(parameters);
        if (options.trace) answer["trace"] = trace_json(trace);
        return to_text(answer);
    }
    const auto line = [&](ByteSpan bytes) {
        return (options.format == "base64" ? to_base64(bytes) : to_hex(bytes)) + "\n";
    };
    const auto steps = options.trace ? trace_text(trace) : std::string();
    return steps + line(digest) + (host_data ? line(*host_data) : std::string());
}

Result<std::uint64_t> number_option(std::string_view option, std::string_view text, std::uint64_t least,
                                    std::uint64_t most) {
    const auto number = parse_number(text);
    if (!number) return std::unexpected(number.error().at(option));
    if (*number < least || *number > most)
        return bad_input(std::string(option) + ": found " + std::string(text) + ", expected " + std::to_string(least) +
                         " to " + std::to_string(most));
    return *number;
}

Result<std::uint32_t> vcpu_count(std::string_view text) {
    if (text.empty()) return bad_input("--vcpus is required: the number of CPUs at launch");
    HALLMARK_TRY(const std::uint64_t vcpus, number_option("--vcpus", text, 1, snp::kMostVcpus));
    return static_cast<std::uint32_t>(vcpus);
}

Json kernel_json(const snp::KernelHashes& kernel) {
    return {{"kernel_sha256", to_hex(kernel.kernel)},
            {"initrd_sha256", to_hex(kernel.initrd)},
            {"command_line_sha256", to_hex(kernel.command_line)}};
}

Json inputs_json(const SnpInputs& inputs) {
    Json json = Json::object();
    if (inputs.firmware.sha256) json["firmware_sha256"] = to_hex(*inputs.firmware.sha256);
    if (inputs.kernel) json.update(kernel_json(*inputs.kernel));
    return json;
}

Status dump_states(const snp::CpuStates& states, std::uint32_t vcpus) {
    for (std::uint32_t i = 0; i < vcpus; ++i)
        HALLMARK_CHECK(write_file("vmsa" + std::to_string(i) + ".bin",
                                  as_bytes(i == 0 ? states.boot_cpu : states.application_cpu)));
    return {};
}

}  // namespace hallmark::cli
