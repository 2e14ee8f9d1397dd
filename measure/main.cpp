// SPDX-License-Identifier: Apache-2.0
// hallmark-measure: what the processor will measure when a guest image is launched.
#include <cstdio>
#include <filesystem>

#include "measure/cli.hpp"

namespace hallmark {
namespace {

constexpr const char* kVersionText = "hallmark-measure " HALLMARK_VERSION;
constexpr const char* kDropInName = "sev-snp-measure";
/// Which version's flags and output it has, and what it is.
constexpr const char* kDropInVersionText =
    "sev-snp-measure 0.0.13 ("
    "hallmark-measure " HALLMARK_VERSION ")";

constexpr const char* kSnpExample =
    "Example:\n"
    "  hallmark-measure snp --vcpus 2 --vcpu-type EPYC-v4 --ovmf build/guest/OVMF.amdsev.fd \\\n"
    "      --kernel build/guest/vmlinuz --append 'console=hvc0 panic=1'";
constexpr const char* kSevExample =
    "Example:\n"
    "  hallmark-measure sev --ovmf OVMF.amdsev.fd --kernel vmlinuz --append 'console=ttyS0'";
constexpr const char* kSevesExample =
    "Example:\n"
    "  hallmark-measure seves --vcpus 2 --vcpu-type EPYC-v4 --vmm-type QEMU-legacy-es --ovmf OVMF.amdsev.fd";
constexpr const char* kFirmwareSeedExample =
    "Example:\n"
    "  hallmark-measure firmware-seed --ovmf OVMF.amdsev.fd > seed.json\n"
    "  hallmark-measure snp --seed seed.json --vcpus 2 --vcpu-type EPYC-v4 --kernel vmlinuz";
constexpr const char* kExtendExample =
    "Example:\n"
    "  hallmark-measure extend --launch-digest 79…cd --vcpus 8 --vcpu-type EPYC-v4 --ap-reset 0x80b004";
constexpr const char* kMatrixExample =
    "Example:\n"
    "  hallmark-measure matrix --ovmf OVMF.amdsev.fd --kernel vmlinuz --vcpus 1-64,128 --vcpu-type all \\\n"
    "      --guest-features 0x1,0x21 --json";
constexpr const char* kIdBlockExample =
    "Example:\n"
    "  hallmark-measure id-block --launch-digest 79…cd --id-key id.pem --author-key author.pem --policy 0x30000 --out "
    ".";
constexpr const char* kKeyDigestExample =
    "Example:\n"
    "  hallmark-measure key-digest id.pem";
constexpr const char* kDropInExample =
    "Example:\n"
    "  sev-snp-measure --mode snp --vcpus 2 --vcpu-type EPYC-v4 --ovmf OVMF.fd --kernel vmlinuz";
constexpr const char* kIgvmExample =
    "Example:\n"
    "  hallmark-measure igvm --platform snp guest.igvm";
constexpr const char* kInspectExample =
    "Example:\n"
    "  hallmark-measure inspect build/guest/guest.efi";
constexpr const char* kTdxExample =
    "Example:\n"
    "  hallmark-measure tdx --ovmf build/guest/OVMF.fd --kernel build/guest/vmlinuz \\\n"
    "      --append 'console=hvc0 panic=1' --memory 2G --json";
constexpr const char* kPcrExample =
    "Example:\n"
    "  hallmark-measure pcr --uki build/guest/guest.efi --ovmf build/guest/OVMF.fd --pcr 4,9,11 --bank sha384";
constexpr const char* kReferenceValuesExample =
    "Example:\n"
    "  hallmark-measure reference-values build/guest";

int fail(const std::string& program, const std::string& message, int status) {
    // One line, whatever came in with a file name or an option.
    std::string line = program + ": " + message;
    for (auto& c : line)
        if (c == '\n' || c == '\r') c = ' ';
    std::fprintf(stderr, "%s\n", line.c_str());
    return status;
}

int print(const std::string& program, const std::string& text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return 0;
    return fail(program, "standard output: can't be written", 2);
}

void add_commands(CLI::App& app, cli::Run& run) {
    app.require_subcommand(1);
    auto* snp = app.add_subcommand("snp", "Print the launch digest of an SEV-SNP guest");
    cli::add_snp_options(*snp, run);
    snp->footer(kSnpExample);
    auto* sev = app.add_subcommand("sev", "Print the launch digest of an SEV guest");
    cli::add_sev_options(*sev, run);
    sev->footer(kSevExample);
    auto* seves = app.add_subcommand("seves", "Print the launch digest of an SEV-ES guest");
    cli::add_seves_options(*seves, run);
    seves->footer(kSevesExample);
    auto* matrix = app.add_subcommand("matrix", "Print the launch digests of many SEV-SNP guests");
    cli::add_matrix_options(*matrix, run);
    matrix->footer(kMatrixExample);
    auto* seed = app.add_subcommand("firmware-seed", "Print all of a firmware that SEV-SNP launch digests depend on");
    cli::add_firmware_seed_options(*seed, run);
    seed->footer(kFirmwareSeedExample);
    auto* extend = app.add_subcommand("extend", "Print an SEV-SNP launch digest extended by more vCPUs");
    cli::add_extend_options(*extend, run);
    extend->footer(kExtendExample);
    auto* igvm = app.add_subcommand("igvm", "Print the launch digest or MRTD of an IGVM file");
    cli::add_igvm_options(*igvm, run);
    igvm->footer(kIgvmExample);
    auto* tdx = app.add_subcommand("tdx", "Print MRTD and the RTMRs of a TDX guest, event by event");
    cli::add_tdx_options(*tdx, run);
    tdx->footer(kTdxExample);
    auto* block = app.add_subcommand("id-block", "Sign the ID block of a launch, for QEMU's sev-snp-guest");
    cli::add_id_block_options(*block, run);
    block->footer(kIdBlockExample);
    auto* digest = app.add_subcommand("key-digest", "Print the digest of an ID key or author key, as reports have it");
    cli::add_key_digest_options(*digest, run);
    digest->footer(kKeyDigestExample);
    auto* values = app.add_subcommand("reference-values",
                                      "Write reference-values.json and rvps-message.json beside an image's manifest");
    cli::add_reference_values_options(*values, run);
    values->footer(kReferenceValuesExample);
    auto* inspect = app.add_subcommand("inspect", "Show what stands in a firmware, boot or evidence file");
    cli::add_inspect_options(*inspect, run);
    inspect->footer(kInspectExample);
    auto* pcr = app.add_subcommand("pcr", "Print the PCRs of a TPM after a boot of a unified kernel image or a kernel");
    cli::add_pcr_options(*pcr, run);
    pcr->footer(kPcrExample);
    app.footer(std::string(kSnpExample) + "\n  hallmark-measure reference-values build/guest");
}

int measure_main(int argc, char** argv) {
    const bool drop_in = argc > 0 && std::filesystem::path(argv[0]).filename() == kDropInName;
    const std::string program = drop_in ? kDropInName : "hallmark-measure";
    CLI::App app("Works out what the processor will measure when a guest is launched", program);
    app.set_version_flag("--version", drop_in ? kDropInVersionText : kVersionText);
    cli::Run run;
    if (drop_in) {
        cli::add_drop_in_options(app, run);
        app.footer(kDropInExample);
    } else {
        add_commands(app, run);
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);
        return fail(program, std::string(error.what()) + "; see " + program + " --help", 2);
    }
    const auto text = run();
    if (!text) {
        const auto& error = text.error();
        return fail(drop_in && error.fault == Fault::kNo ? "Error" : program, error.message, error.exit_status());
    }
    return print(program, *text);
}

}  // namespace
}  // namespace hallmark

int main(int argc, char** argv) { return hallmark::measure_main(argc, argv); }
