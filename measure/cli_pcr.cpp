// SPDX-License-Identifier: Apache-2.0
#include "measure/cli_pcr.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/file.hpp"
#include "common/hex.hpp"
#include "common/json.hpp"
#include "measure/cli.hpp"
#include "measure/ovmf/layout.hpp"
#include "measure/ovmf/sev_firmware.hpp"
#include "measure/ovmf/traits.hpp"
#include "measure/pe/pe_file.hpp"
#include "measure/tdx/layout.hpp"
#include "measure/tpm/output.hpp"
#include "measure/tpm/predict.hpp"

namespace hallmark::cli {
namespace {

constexpr std::uint64_t kMostPcrs = 24;

Result<std::uint64_t> number(const std::string& option, const std::string& text, std::uint64_t most) {
    const auto value = parse_number(text);
    if (!value) return std::unexpected(value.error().at(option));
    if (*value > most) return bad_input(option + ": found " + text + ", expected at most " + std::to_string(most));
    return *value;
}

Result<tpm::Digests> digest_initrd(const std::string& path) {
    if (path.empty()) return bad_input("--initrd: empty, expected the name of a file");
    Hasher<Sha256> small;
    Hasher<Sha384> large;
    HALLMARK_TRY(const std::uint64_t size, read_blocks(path, [&](ByteSpan block) {
                     small.update(block);
                     large.update(block);
                 }));
    if (size == 0) return bad_input(path + ": empty, expected the initrd that is booted");
    return tpm::Digests{small.finish(), large.finish()};
}

Result<tpm::FirmwareState> firmware_state(const PcrOptions& options) {
    tpm::FirmwareState state;
    const std::string release = options.edk2.value_or(std::string(tdx::layouts().back().release));
    HALLMARK_TRY(tdx::ChosenLayout chosen, tdx::named_layout(release));
    if (!options.edk2) chosen.reason = "edk2 " + release + ", the newest that is known; name it by --ovmf or --edk2";
    bool secure_boot = options.secure_boot == "off";
    if (options.ovmf) {
        HALLMARK_TRY(const Bytes image, read_file(*options.ovmf, ovmf::kLargestFirmware));
        const auto traits = ovmf::firmware_traits(image);
        if (!options.edk2) {
            HALLMARK_TRY(chosen, tdx::recognised_layout(traits, *options.ovmf));
        }
        if (options.secure_boot.empty()) secure_boot = traits.secure_boot;
    }
    state.secure_boot = secure_boot ? tpm::SecureBoot::kOff : tpm::SecureBoot::kAbsent;
    state.layout = chosen.layout;
    state.reason = std::move(chosen.reason);
    return state;
}

/// Every path that systemd-measure has unless told otherwise, or the one that was asked for.
std::vector<std::string> phase_paths(const PcrOptions& options) {
    if (options.phases) return {*options.phases};
    std::vector<std::string> paths;
    for (const auto& phase : tpm::default_phases()) paths.push_back(paths.empty() ? phase : paths.back() + ":" + phase);
    return paths;
}

Result<tpm::Prediction> predict(const PcrOptions& options, NamedFiles& files) {
    if (options.uki) {
        HALLMARK_TRY(const tpm::UkiBoot boot, uki_boot(options, files));
        return tpm::predict_uki(boot);
    }
    HALLMARK_TRY(const tpm::KernelBoot boot, kernel_boot(options, files));
    return tpm::predict_kernel(boot);
}

Result<std::string> answer(const PcrOptions& options) {
    HALLMARK_CHECK(check_pcr_options(options));
    HALLMARK_TRY(const tpm::Selection selected, selection(options));
    NamedFiles files;
    HALLMARK_TRY(const tpm::Prediction prediction, predict(options, files));
    if (options.format == "pcrlock") return to_text(tpm::as_pcrlock(prediction, selected));
    if (options.format == "systemd-measure") {
        if (!options.uki) return bad_input("--format systemd-measure: is of PCR 11, which only --uki has");
        HALLMARK_TRY(const Json json, tpm::as_systemd_measure(prediction, selected, phase_paths(options)));
        return to_text(json);
    }
    if (options.json || options.format == "json") {
        HALLMARK_TRY(const Json json, tpm::as_json(prediction, selected, options.trace));
        return to_text(json);
    }
    if (options.trace) return tpm::trace_as_lines(prediction, selected);
    return tpm::as_lines(prediction, selected);
}

}  // namespace

Result<tpm::NamedFile> NamedFiles::read(const std::string& option, const std::string& path) {
    if (path.empty()) return bad_input(option + ": empty, expected the name of a file");
    HALLMARK_TRY(Bytes bytes, read_file(path, pe::kLargestImage));
    contents.push_back(std::move(bytes));
    return tpm::NamedFile{path, contents.back()};
}

Status check_pcr_options(const PcrOptions& options) {
    if (options.uki.has_value() != options.kernel.has_value()) return {};
    return bad_input("expected one of --uki and --kernel, what the firmware boots");
}

Result<tpm::KernelBoot> kernel_boot(const PcrOptions& options, NamedFiles& files) {
    if (!options.addons.empty() || options.smbios_extra || options.phases)
        return bad_input("--addon, --smbios-extra and --phases go with --uki; a kernel without a stub takes none");
    tpm::KernelBoot boot;
    HALLMARK_TRY(boot.kernel, files.read("--kernel", options.kernel.value_or("")));
    if (options.initrd) {
        HALLMARK_TRY(boot.initrd, digest_initrd(*options.initrd));
    }
    boot.command_line = options.append.value_or("");
    HALLMARK_TRY(boot.firmware, firmware_state(options));
    return boot;
}

Result<tpm::UkiBoot> uki_boot(const PcrOptions& options, NamedFiles& files) {
    if (options.initrd || options.append)
        return bad_input("--initrd and --append go with --kernel; a unified kernel image has its own");
    tpm::UkiBoot boot;
    HALLMARK_TRY(boot.image, files.read("--uki", options.uki.value_or("")));
    HALLMARK_TRY(boot.profile, number("--profile", options.profile, 1000));
    auto names = options.addons;
    std::ranges::sort(names);
    for (const auto& name : names) {
        HALLMARK_TRY(tpm::NamedFile addon, files.read("--addon", name));
        boot.addons.push_back(std::move(addon));
    }
    boot.smbios_extra = options.smbios_extra;
    // systemd-measure's form has the phases one by one, and adds them itself.
    if (options.phases && !options.phases->empty() && options.format != "systemd-measure") {
        HALLMARK_TRY(boot.phases, tpm::split_phases(*options.phases));
    }
    HALLMARK_TRY(boot.firmware, firmware_state(options));
    return boot;
}

Result<tpm::Selection> selection(const PcrOptions& options) {
    tpm::Selection selection;
    for (const auto& text : options.pcrs) {
        HALLMARK_TRY(const std::uint64_t pcr, number("--pcr", text, kMostPcrs - 1));
        selection.pcrs.push_back(static_cast<std::uint32_t>(pcr));
    }
    if (options.banks.empty()) return selection;
    selection.banks.clear();
    for (const auto& bank : options.banks)
        selection.banks.push_back(bank == "sha256" ? tpm::Algorithm::kSha256 : tpm::Algorithm::kSha384);
    return selection;
}

void add_pcr_flags(CLI::App& app, PcrOptions& options) {
    const auto optional = [&app](const char* name, Text& into, const char* type, const char* description) {
        add_text(app, name, into, type, description);
    };
    optional("--uki", options.uki, "FILE", "Unified kernel image that the firmware boots from a disk");
    app.add_option("--addon", options.addons, "Addon beside the unified kernel image; may be given again")
        ->type_name("FILE");
    optional("--smbios-extra", options.smbios_extra, "TEXT", "Value of io.systemd.stub.kernel-cmdline-extra");
    optional("--phases", options.phases, "PHASE:PHASE", "Boot phases of systemd that are in PCR 11 (default none)");
    app.add_option("--profile", options.profile, "Profile of the unified kernel image (default 0)")->type_name("N");
    optional("--kernel", options.kernel, "FILE", "Kernel that is booted directly, instead of --uki");
    optional("--initrd", options.initrd, "FILE", "Its initrd");
    optional("--append", options.append, "TEXT", "Its command line, byte for byte");
    optional("--ovmf", options.ovmf, "FILE", "Firmware image, which shows its release and whether it has Secure Boot");
    optional("--edk2", options.edk2, "YYYYMM", "Release of edk2 that the firmware is made of, instead");
    app.add_option("--secure-boot", options.secure_boot,
                   "absent: firmware built without Secure Boot; off: built with it, no keys enrolled")
        ->type_name("STATE")
        ->check(CLI::IsMember({"absent", "off"}));
    app.add_option("--pcr", options.pcrs, "Only these PCRs (default all)")->type_name("N,N")->delimiter(',');
}

void add_pcr_options(CLI::App& app, Run& run) {
    const auto options = std::make_shared<PcrOptions>();
    add_pcr_flags(app, *options);
    app.add_option("--bank", options->banks, "Only these banks (default sha256,sha384)")
        ->type_name("NAME")
        ->delimiter(',')
        ->check(CLI::IsMember({"sha256", "sha384"}));
    app.add_option("--format", options->format, "text (default), json, pcrlock or systemd-measure")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"text", "json", "pcrlock", "systemd-measure"}));
    app.add_flag("--json", options->json, "Print values, events and assumptions as JSON");
    app.add_flag("--trace", options->trace, "Print every step of every value");
    app.callback([options, &run] { run = [options] { return answer(*options); }; });
}

}  // namespace hallmark::cli
