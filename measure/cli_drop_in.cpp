// SPDX-License-Identifier: Apache-2.0
// The program under the name sev-snp-measure: the flags of virtee/sev-snp-measure 0.0.13, its output and its exit
// status (2 for a wrong request, 1 for what fails later, with "Error: ").
#include <array>
#include <memory>
#include <utility>

#include "common/base64.hpp"
#include "common/hex.hpp"
#include "measure/cli.hpp"
#include "measure/cli_sev.hpp"
#include "measure/cli_snp.hpp"
#include "measure/snp/matrix.hpp"

namespace hallmark::cli {
namespace {

/// Where this program deliberately does something else than that one, and the name that brings the other back.
struct Difference {
    std::string_view name;
    std::string_view there;
    std::string_view here;
};
constexpr std::array kDifferences = {
    Difference{"svsm-fcw", "FCW is 0 in the CPU states of snp:svsm, by a misspelt field name",
               "FCW is 0x37f, as KVM sets it for such guests"},
    Difference{"svsm-features", "--guest-features is ignored in snp:svsm", "it counts"},
    Difference{"empty-files", "an empty kernel or initrd, or /dev/null, is hashed", "it is refused"},
    Difference{"empty-names", "an empty --kernel, --initrd or --append is as good as none",
               "an empty name, or --append without --kernel, is refused"},
    Difference{"zero-vcpus", "--vcpus 0 gives a digest without any CPU", "it is refused"},
};

struct DropIn {
    std::string mode;
    SnpOptions snp;  // holds what the other modes need too
    std::vector<std::string> compat;
    bool verbose = false;

    [[nodiscard]] bool like_the_other(std::string_view name) const {
        return std::ranges::find(compat, name) != compat.end();
    }
};

Status check_compat(const DropIn& options) {
    for (const auto& name : options.compat) {
        if (std::ranges::find(kDifferences, name, &Difference::name) != kDifferences.end()) continue;
        std::string known;
        for (const auto& difference : kDifferences) known += (known.empty() ? "" : ", ") + std::string(difference.name);
        return bad_input("--compat: '" + name + "' is unknown, expected of " + known);
    }
    return {};
}

void forget_empty(Text& text) {
    if (text && text->empty()) text.reset();
}

/// The options as the calculation takes them.
SnpOptions adapted(const DropIn& options) {
    auto snp = options.snp;
    snp.kernel.may_be_empty = options.like_the_other("empty-files");
    if (options.like_the_other("empty-names"))
        for (auto* text : {&snp.kernel.kernel, &snp.kernel.initrd, &snp.kernel.append}) forget_empty(*text);
    if (options.mode != "snp:svsm") {
        snp.svsm.reset();
        return snp;
    }
    if (options.like_the_other("svsm-features")) snp.state.features = "0x1";
    if (options.like_the_other("svsm-fcw")) snp.state.vmsa.emplace_back("x87_fcw=0");
    return snp;
}

Result<std::uint32_t> vcpus_of(const DropIn& options) {
    const std::uint64_t least = options.like_the_other("zero-vcpus") ? 0 : 1;
    if (options.snp.vcpus.empty()) return bad_input("missing --vcpus N in guest mode '" + options.mode + "'");
    HALLMARK_TRY(const std::uint64_t vcpus, number_option("--vcpus", options.snp.vcpus, least, snp::kMostVcpus));
    return static_cast<std::uint32_t>(vcpus);
}

/// What the other program finds wrong before it starts.
Status check_request(const DropIn& options, const SnpOptions& snp) {
    HALLMARK_CHECK(check_compat(options));
    HALLMARK_CHECK(check_kernel_options(snp.kernel));
    HALLMARK_TRY(const snp::VmmProfile* profile, snp::find_vmm_profile(snp.state.vmm_type));
    if (options.mode == "sev") {
        if (!snp.dump_states) return {};
        return bad_input("--dump-vmsa is not available in the selected mode");
    }
    HALLMARK_TRY([[maybe_unused]] const std::uint32_t vcpus, vcpus_of(options));
    HALLMARK_TRY([[maybe_unused]] const std::uint32_t signature, cpu_signature(snp.cpu, *profile));
    if (options.mode == "snp:svsm" && !snp.svsm) return bad_input("snp:svsm mode requires --svsm");
    if (options.mode == "snp:svsm" && !snp.variables_size && !snp.variables_file)
        return bad_input("snp:svsm mode requires --vars-size or --vars-file");
    return {};
}

/// The digest, whose text is that of the mode.
Result<Bytes> digest_of(const DropIn& options, const SnpOptions& snp) {
    const auto bytes = [](const auto& digest) { return Bytes(digest.begin(), digest.end()); };
    if (options.mode == "sev" || options.mode == "seves") {
        const SevOptions sev{.firmware = snp.firmware,
                             .kernel = snp.kernel,
                             .cpu = snp.cpu,
                             .state = snp.state,
                             .answer = {},
                             .vcpus = snp.vcpus,
                             .dump_states = snp.dump_states};
        if (options.mode == "sev") {
            HALLMARK_TRY(const SevPrediction prediction, predict_sev(sev, nullptr));
            return bytes(prediction.digest);
        }
        HALLMARK_TRY(const std::uint32_t vcpus, vcpus_of(options));
        HALLMARK_TRY(const SevPrediction prediction, predict_seves(sev, vcpus, nullptr));
        return bytes(prediction.digest);
    }
    HALLMARK_TRY(const std::uint32_t vcpus, vcpus_of(options));
    HALLMARK_TRY(const SnpPrediction prediction, predict_snp(snp, vcpus, nullptr));
    return bytes(prediction.digest);
}

std::string_view name_of_mode(std::string_view mode) {
    if (mode == "sev") return "SEV";
    if (mode == "seves") return "SEV_ES";
    return mode == "snp" ? "SEV_SNP" : "SEV_SNP_SVSM";
}

Result<std::string> calculate(const DropIn& options, const SnpOptions& snp) {
    if (options.mode == "snp:ovmf-hash") {
        // Always hexadecimal, whatever --output-format says.
        HALLMARK_TRY(const Bytes image, read_firmware(snp.firmware));
        HALLMARK_CHECK(ovmf::check_firmware_size(image.size(), snp.firmware.name()));
        snp::LaunchDigest digest;
        add_firmware(digest, image);
        return to_hex(digest.value()) + "\n";
    }
    HALLMARK_TRY(const Bytes digest, digest_of(options, snp));
    const auto text = snp.answer.format == "base64" ? to_base64(digest) : to_hex(digest);
    if (!options.verbose) return text + "\n";
    return "Calculated " + std::string(name_of_mode(options.mode)) + " guest measurement: " + text + "\n";
}

Result<std::string> answer(const DropIn& options) {
    const auto snp = adapted(options);
    if (options.mode != "snp:ovmf-hash") HALLMARK_CHECK(check_request(options, snp));
    auto text = calculate(options, snp);
    if (!text) return refused(std::move(text).error().message);
    return text;
}

std::string compat_description() {
    std::string text = "Do as sev-snp-measure does where this program deliberately does not:";
    for (const auto& difference : kDifferences)
        text += "\n" + std::string(difference.name) + ": " + std::string(difference.there) + "; here " +
                std::string(difference.here);
    return text;
}

}  // namespace

void add_drop_in_options(CLI::App& app, Run& run) {
    const auto options = std::make_shared<DropIn>();
    auto& snp = options->snp;
    app.add_flag("-v,--verbose", options->verbose, "Say what the number is");
    app.add_option("--mode", options->mode, "Kind of guest")
        ->type_name("MODE")
        ->required()
        ->check(CLI::IsMember({"sev", "seves", "snp", "snp:ovmf-hash", "snp:svsm"}));
    app.add_option("--vcpus", snp.vcpus, "Number of vCPUs")->type_name("N");
    add_cpu_model_options(app, snp.cpu);
    app.add_option("--vmm-type", snp.state.vmm_type, "QEMU (default), ec2, gce, or another that hallmark-measure knows")
        ->type_name("VMMTYPE");
    add_text(app, "--ovmf", snp.firmware.ovmf, "PATH", "Firmware image")->required();
    add_kernel_options(app, snp.kernel);
    add_features_option(app, snp.state);
    app.add_option("--output-format", snp.answer.format, "hex (default) or base64")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"hex", "base64"}));
    add_text(app, "--snp-ovmf-hash", snp.firmware.digest, "HASH", "Digest of the firmware (see --mode snp:ovmf-hash)");
    app.add_flag("--dump-vmsa", snp.dump_states, "Write the measured CPU states to vmsa0.bin, vmsa1.bin, …");
    add_text(app, "--svsm", snp.svsm, "PATH", "SVSM image, for snp:svsm");
    add_text(app, "--vars-size", snp.variables_size, "SIZE", "Size of the firmware's variables, for snp:svsm");
    add_text(app, "--vars-file", snp.variables_file, "PATH", "The firmware's variables, for snp:svsm");
    app.add_option("--compat", options->compat, compat_description())->type_name("NAME")->allow_extra_args(false);
    app.callback([options, &run] { run = [options] { return answer(*options); }; });
}

}  // namespace hallmark::cli
