// SPDX-License-Identifier: Apache-2.0
// hallmark-measure: what the processor will measure when a guest image is launched.
#include <unistd.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "cli/program.hpp"
#include "measure/cli.hpp"

namespace hallmark {
namespace {

constexpr const char* kVersionText = "hallmark-measure " HALLMARK_VERSION;
constexpr const char* kProgram = "hallmark-measure";
constexpr const char* kDropInName = "sev-snp-measure";
/// Which version's flags and output it has, and what it is.
constexpr const char* kDropInVersionText =
    "sev-snp-measure 0.0.13 ("
    "hallmark-measure " HALLMARK_VERSION ")";

/// A program of its own, beside this one: the libraries that speak to a network would take half as much memory again,
/// and time, from every digest.
constexpr const char* kPublish = "publish";

// In the order of --help: what the processor measures, what goes with it, what others make of it.
constexpr cli::Command kCommands[] = {
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
    {kPublish, "Register an image's reference values with a key broker", nullptr,
     "hallmark-measure publish build/guest --kbs https://kbs.example:8080 --admin-key admin.pem"},
    {"inspect", "Show what stands in a firmware, boot or evidence file", cli::add_inspect_options,
     "hallmark-measure inspect build/guest/guest.efi"},
};
constexpr const char* kDropInExample =
    "sev-snp-measure --mode snp --vcpus 2 --vcpu-type EPYC-v4 --ovmf OVMF.fd --kernel vmlinuz";

/// Becomes the program that publishes.
int publish(char** argv) {
    std::error_code error;
    const auto program =
        std::filesystem::read_symlink("/proc/self/exe", error).replace_filename("hallmark-measure-publish");
    if (!error) ::execv(program.c_str(), argv);
    return cli::fail(kProgram, program.string() + ": can't be run; it is installed beside hallmark-measure", 2);
}

int measure_main(int argc, char** argv) {
    const bool drop_in = argc > 0 && std::filesystem::path(argv[0]).filename() == kDropInName;
    if (!drop_in && argc > 1 && std::string_view(argv[1]) == kPublish) return publish(argv);
    const std::string program = drop_in ? kDropInName : kProgram;
    CLI::App app("Works out what the processor will measure when a guest is launched", program);
    app.set_version_flag("--version", drop_in ? kDropInVersionText : kVersionText);
    cli::Run run;
    if (drop_in) {
        cli::add_drop_in_options(app, run);
        app.footer(cli::footer(kDropInExample));
    } else {
        cli::add_commands(app, run, kCommands);
        app.footer(
            cli::footer(std::string(kCommands[0].example) + "\n  hallmark-measure reference-values build/guest"));
    }
    return cli::run_program({.app = app, .run = run, .name = program, .name_of_no = drop_in ? "Error" : ""}, argc,
                            argv);
}

}  // namespace
}  // namespace hallmark

int main(int argc, char** argv) { return hallmark::measure_main(argc, argv); }
