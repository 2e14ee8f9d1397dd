// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>

#include "common/file.hpp"
#include "common/hex.hpp"
#include "common/json.hpp"
#include "measure/cli.hpp"
#include "measure/ovmf/sev_firmware.hpp"
#include "measure/snp/launch.hpp"
#include "measure/snp/vcpu.hpp"

namespace hallmark::cli {
namespace {

/// KVM's own limit on x86 (KVM_MAX_VCPUS).
constexpr std::uint64_t kMostVcpus = 4096;

/// As typed; nothing where the option wasn't given.
struct SnpOptions {
    std::string ovmf;
    std::optional<std::string> kernel;
    std::optional<std::string> initrd;
    std::optional<std::string> append;
    std::string vcpus;
    std::optional<std::string> vcpu_type;
    std::optional<std::string> vcpu_sig;
    std::optional<std::string> vcpu_family;
    std::optional<std::string> vcpu_model;
    std::optional<std::string> vcpu_stepping;
    std::string guest_features = "0x1";
    std::string vmm_type = "QEMU";
    std::string output_format = "hex";
    bool json = false;
};

Result<std::uint64_t> number_option(std::string_view option, std::string_view text, std::uint64_t least,
                                    std::uint64_t most) {
    const auto number = parse_number(text);
    if (!number) return std::unexpected(number.error().at(option));
    if (*number < least || *number > most)
        return bad_input(std::string(option) + ": found " + std::string(text) + ", expected " + std::to_string(least) +
                         " to " + std::to_string(most));
    return *number;
}

Result<std::uint32_t> model_number(std::string_view option, const std::optional<std::string>& text) {
    if (!text)
        return bad_input(std::string(option) +
                         ": missing; --vcpu-family, --vcpu-model and --vcpu-stepping go together");
    HALLMARK_TRY(const std::uint64_t number, number_option(option, *text, 0, 0xffff));
    return static_cast<std::uint32_t>(number);
}

/// Family, model and stepping win over a signature, which wins over a type: as in sev-snp-measure.
Result<std::uint32_t> vcpu_signature(const SnpOptions& options) {
    if (options.vcpu_family || options.vcpu_model || options.vcpu_stepping) {
        snp::CpuModel model;
        HALLMARK_TRY(model.family, model_number("--vcpu-family", options.vcpu_family));
        HALLMARK_TRY(model.model, model_number("--vcpu-model", options.vcpu_model));
        HALLMARK_TRY(model.stepping, model_number("--vcpu-stepping", options.vcpu_stepping));
        HALLMARK_CHECK(snp::check_cpu_model(model));
        return model.signature();
    }
    if (options.vcpu_sig) {
        HALLMARK_TRY(const std::uint64_t signature, number_option("--vcpu-sig", *options.vcpu_sig, 0, 0xffffffff));
        return static_cast<std::uint32_t>(signature);
    }
    if (options.vcpu_type) {
        HALLMARK_TRY(const snp::VcpuType type, snp::find_vcpu_type(*options.vcpu_type));
        return type.model.signature();
    }
    return bad_input("no vCPU model; give --vcpu-type, --vcpu-sig, or --vcpu-family, --vcpu-model and --vcpu-stepping");
}

Result<Sha256> hash_file(std::string_view option, const std::string& path) {
    if (path.empty()) return bad_input(std::string(option) + ": empty, expected the name of a file");
    HALLMARK_TRY(const FileDigest digest, digest_file(path));
    if (digest.size == 0) return bad_input(path + ": empty, expected the file that is booted");
    return digest.sha256;
}

Result<std::optional<snp::KernelHashes>> kernel_hashes(const SnpOptions& options) {
    if (!options.kernel && options.initrd) return bad_input("--initrd without --kernel; give the kernel too");
    if (!options.kernel && options.append) return bad_input("--append without --kernel; give the kernel too");
    if (!options.kernel) return std::optional<snp::KernelHashes>{};
    snp::KernelHashes hashes;
    HALLMARK_TRY(hashes.kernel, hash_file("--kernel", *options.kernel));
    hashes.initrd = snp::hash_no_initrd();
    if (options.initrd) {
        HALLMARK_TRY(hashes.initrd, hash_file("--initrd", *options.initrd));
    }
    hashes.command_line = snp::hash_command_line(options.append.value_or(""));
    return std::optional(hashes);
}

/// The answer as JSON: the digest and all that went into it.
struct Prediction {
    Sha384 digest{};
    Sha256 firmware{};
    std::optional<snp::KernelHashes> kernel;
    std::uint32_t vcpus = 0;
    std::uint32_t signature = 0;
    std::uint64_t features = 0;
    std::string vmm;
};

std::string as_json(const Prediction& prediction) {
    Json parameters = {{"vmm_type", prediction.vmm},
                       {"vcpus", prediction.vcpus},
                       {"vcpu_signature", hex_number(prediction.signature)},
                       {"guest_features", hex_number(prediction.features)},
                       {"firmware_sha256", to_hex(prediction.firmware)}};
    if (prediction.kernel) {
        parameters["kernel_sha256"] = to_hex(prediction.kernel->kernel);
        parameters["initrd_sha256"] = to_hex(prediction.kernel->initrd);
        parameters["command_line_sha256"] = to_hex(prediction.kernel->command_line);
    }
    return to_text({{"launch_digest", to_hex(prediction.digest)}, {"parameters", std::move(parameters)}});
}

Result<Prediction> predict(const SnpOptions& options) {
    Prediction prediction;
    HALLMARK_TRY(const snp::VmmProfile* profile, snp::find_vmm_profile(options.vmm_type));
    prediction.vmm = profile->name;
    HALLMARK_TRY(prediction.signature, vcpu_signature(options));
    HALLMARK_TRY(const std::uint64_t vcpus, number_option("--vcpus", options.vcpus, 1, kMostVcpus));
    prediction.vcpus = static_cast<std::uint32_t>(vcpus);
    HALLMARK_TRY(prediction.features, number_option("--guest-features", options.guest_features, 0, UINT64_MAX));
    if (options.ovmf.empty()) return bad_input("--ovmf: empty, expected the name of a file");
    HALLMARK_TRY(const Bytes image, read_file(options.ovmf, ovmf::kLargestFirmware));
    HALLMARK_TRY(const ovmf::SevFirmware firmware, ovmf::parse_sev_firmware(image, options.ovmf));
    prediction.firmware = sha256(image);
    HALLMARK_TRY(prediction.kernel, kernel_hashes(options));
    snp::LaunchDigest digest;
    add_firmware(digest, image);
    HALLMARK_TRY(const Sha384 memory, snp::predict_sections(digest.value(), firmware, prediction.kernel, options.ovmf));
    digest = snp::LaunchDigest(memory);
    add_cpus(digest, *profile, cpu_states(*profile, firmware, prediction.signature, prediction.features),
             prediction.vcpus);
    prediction.digest = digest.value();
    return prediction;
}

Result<std::string> answer(const SnpOptions& options) {
    HALLMARK_TRY(const Prediction prediction, predict(options));
    if (options.json) return as_json(prediction);
    if (options.output_format == "base64") return to_base64(prediction.digest) + "\n";
    return to_hex(prediction.digest) + "\n";
}

}  // namespace

void add_snp_options(CLI::App& app, Run& run) {
    const auto options = std::make_shared<SnpOptions>();
    // CLI11 reads an empty text into an optional as if the option were absent: a kernel would be left out in silence.
    const auto optional = [&app](const char* name, std::optional<std::string>& into, const char* type,
                                 const char* description) {
        app.add_option_function<std::string>(
               name, [&into](const std::string& text) { into = text; }, description)
            ->type_name(type);
    };
    app.add_option("--ovmf", options->ovmf, "Firmware image")->type_name("FILE")->required();
    optional("--kernel", options->kernel, "FILE", "Kernel that is booted directly");
    optional("--initrd", options->initrd, "FILE", "Its initrd");
    optional("--append", options->append, "TEXT", "Its command line, byte for byte");
    app.add_option("--vcpus", options->vcpus, "Number of vCPUs at launch")->type_name("N")->required();
    optional("--vcpu-type", options->vcpu_type, "NAME", "QEMU's name of the CPU model, such as EPYC-v4");
    optional("--vcpu-sig", options->vcpu_sig, "NUMBER", "CPU signature (CPUID Fn0000_0001 EAX); wins over --vcpu-type");
    optional("--vcpu-family", options->vcpu_family, "NUMBER", "CPU family; wins over the two above");
    optional("--vcpu-model", options->vcpu_model, "NUMBER", "CPU model, with --vcpu-family");
    optional("--vcpu-stepping", options->vcpu_stepping, "NUMBER", "CPU stepping, with --vcpu-family");
    app.add_option("--guest-features", options->guest_features, "SEV_FEATURES of every vCPU (default 0x1)")
        ->type_name("NUMBER");
    app.add_option("--vmm-type", options->vmm_type, "Hypervisor (default QEMU)")->type_name("NAME");
    app.add_option("--output-format", options->output_format, "hex (default) or base64")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"hex", "base64"}));
    app.add_flag("--json", options->json, "Print the digest and all that went into it as JSON");
    app.callback([options, &run] { run = [options] { return answer(*options); }; });
}

void add_mode_option(CLI::App& app) {
    app.add_option("--mode", "What to measure")->type_name("MODE")->required()->check(CLI::IsMember({"snp"}));
}

}  // namespace hallmark::cli
