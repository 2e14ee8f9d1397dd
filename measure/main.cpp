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

struct Command {
    const char* name;
    const char* describes;
    void (*add_options)(CLI::App&, cli::Run&);
    const char* example;
};

// In the order of --help: what the processor measures, what goes with it, what others make of it.
constexpr Command kCommands[] = {
    {"snp", "Print the launch digest of an SEV-SNP guest", cli::add_snp_options,
     "hallmark-measure snp --vcpus 2 --vcpu-type EPYC-v4 --ovmf build/guest/OVMF.amdsev.fd \\\n"
     "      --kernel build/guest/vmlinuz --append 'console=hvc0 panic=1'"},
    {"sev", "Print the launch digest of an SEV guest", cli::add_sev_options,
     "hallmark-measure sev --ovmf OVMF.amdsev.fd --kernel vmlinuz --append 'console=ttyS0'"},
    {"seves", "Print the launch digest of an SEV-ES guest", cli::add_seves_options,
     "hallmark-measure seves --vcpus 2 --vcpu-type EPYC-v4 --vmm-type QEMU-legacy-es --ovmf OVMF.amdsev.fd"},
    {"matrix", "Print the launch digests of many SEV-SNP guests", cli::add_matrix_options,
     "hallmark-measure matrix --ovmf OVMF.amdsev.fd --kernel vmlinuz --vcpus 1-64,128 --vcpu-type all \\\n"
     "      --guest-features 0x1,0x21 --json"},
    {"firmware-seed", "Print all of a firmware that SEV-SNP launch digests depend on", cli::add_firmware_seed_options,
     "hallmark-measure firmware-seed --ovmf OVMF.amdsev.fd > seed.json\n"
     "  hallmark-measure snp --seed seed.json --vcpus 2 --vcpu-type EPYC-v4 --kernel vmlinuz"},
    {"extend", "Print an SEV-SNP launch digest extended by more vCPUs", cli::add_extend_options,
     "hallmark-measure extend --launch-digest 79…cd --vcpus 8 --vcpu-type EPYC-v4 --ap-reset 0x80b004"},
    {"id-block", "Sign the ID block of a launch, for QEMU's sev-snp-guest", cli::add_id_block_options,
     "hallmark-measure id-block --launch-digest 79…cd --id-key id.pem --author-key author.pem --policy 0x30000 \\\n"
     "      --out ."},
    {"key-digest", "Print the digest of an ID key or author key, as reports have it", cli::add_key_digest_options,
     "hallmark-measure key-digest id.pem"},
    {"igvm", "Print the launch digest or MRTD of an IGVM file", cli::add_igvm_options,
     "hallmark-measure igvm --platform snp guest.igvm"},
    {"tdx", "Print MRTD and the RTMRs of a TDX guest, event by event", cli::add_tdx_options,
     "hallmark-measure tdx --ovmf build/guest/OVMF.fd --kernel build/guest/vmlinuz \\\n"
     "      --append 'console=hvc0 panic=1' --memory 2G --json"},
    {"pcr", "Print the PCRs of a TPM after a boot of a unified kernel image or a kernel", cli::add_pcr_options,
     "hallmark-measure pcr --uki build/guest/guest.efi --ovmf build/guest/OVMF.fd --pcr 4,9,11 --bank sha384"},
    {"explain", "Say why a measured value isn't the one that was predicted", cli::add_explain_options,
     "hallmark-measure explain snp --expected 79…cd --vcpus 2 --vcpu-type EPYC-v4 --ovmf OVMF.amdsev.fd \\\n"
     "      --kernel vmlinuz --append 'console=hvc0'"},
    {"reference-values", "Write reference-values.json and rvps-message.json beside an image's manifest",
     cli::add_reference_values_options, "hallmark-measure reference-values build/guest"},
    {"publish", "Register an image's reference values with a key broker", cli::add_publish_options,
     "hallmark-measure publish build/guest --kbs https://kbs.example:8080 --admin-key admin.pem"},
    {"inspect", "Show what stands in a firmware, boot or evidence file", cli::add_inspect_options,
     "hallmark-measure inspect build/guest/guest.efi"},
};
constexpr const char* kDropInExample =
    "sev-snp-measure --mode snp --vcpus 2 --vcpu-type EPYC-v4 --ovmf OVMF.fd --kernel vmlinuz";

std::string footer(const std::string& example) { return "Example:\n  " + example; }

int fail(const std::string& program, const std::string& message, int status) {
    // One line, whatever came in with a file name or an option.
    std::string line = program + ": " + message;
    for (auto& c : line)
        if (c == '\n' || c == '\r') c = ' ';
    std::fprintf(stderr, "%s\n", line.c_str());
    return status;
}

int print(const std::string& program, const cli::Answer& answer) {
    const auto& text = answer.text;
    if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0)
        return answer.status;
    return fail(program, "standard output: can't be written", 2);
}

void add_commands(CLI::App& app, cli::Run& run) {
    app.require_subcommand(1);
    for (const auto& command : kCommands) {
        auto* added = app.add_subcommand(command.name, command.describes);
        command.add_options(*added, run);
        added->footer(footer(command.example));
    }
    app.footer(footer(std::string(kCommands[0].example) + "\n  hallmark-measure reference-values build/guest"));
}

int measure_main(int argc, char** argv) {
    const bool drop_in = argc > 0 && std::filesystem::path(argv[0]).filename() == kDropInName;
    const std::string program = drop_in ? kDropInName : "hallmark-measure";
    CLI::App app("Works out what the processor will measure when a guest is launched", program);
    app.set_version_flag("--version", drop_in ? kDropInVersionText : kVersionText);
    cli::Run run;
    if (drop_in) {
        cli::add_drop_in_options(app, run);
        app.footer(footer(kDropInExample));
    } else {
        add_commands(app, run);
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);
        return fail(program, std::string(error.what()) + "; see " + program + " --help", 2);
    }
    const auto answer = run();
    if (!answer) {
        const auto& error = answer.error();
        return fail(drop_in && error.fault == Fault::kNo ? "Error" : program, error.message, error.exit_status());
    }
    return print(program, *answer);
}

}  // namespace
}  // namespace hallmark

int main(int argc, char** argv) { return hallmark::measure_main(argc, argv); }
