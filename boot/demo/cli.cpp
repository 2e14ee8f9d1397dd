// SPDX-License-Identifier: Apache-2.0
#include "boot/demo/cli.hpp"

#include <filesystem>

#include "boot/demo/demo.hpp"
#include "boot/demo/work_folder.hpp"
#include "cli/program.hpp"

namespace hallmark::boot::demo {
namespace {

constexpr const char* kProgram = "hallmark-boot demo";
constexpr const char* kExample =
    "hallmark-boot demo\n"
    "  hallmark-boot demo --tee simulated-tdx --json";
constexpr const char* kDescription =
    "Shows the whole way from power-on to a running encrypted pod: starts a registry and a key broker on this host, "
    "encrypts, signs and pushes a container image, boots the guest that ci/build made, and prints the fifteen steps as "
    "they happen, each with the seconds since the VM started, then what the workload says. Exit status 0 only where "
    "all of it happened";
constexpr unsigned kTimeout = 300;

struct Options {
    DemoRequest request;
    bool json = false;
};

void add_options(CLI::App& app, Options& options) {
    auto& boot = options.request.boot;
    boot.folder = "build/guest";
    boot.tee = "simulated-snp";
    boot.timeout = kTimeout;
    app.add_option("DIR", boot.folder, "Folder of the guest image (default build/guest)");
    app.add_option("--tee", boot.tee, "simulated-snp (default), simulated-tdx, snp or tdx")->type_name("TEE");
    app.add_option("--timeout", boot.timeout, "Seconds after which it has failed (default 300)")->type_name("S");
    app.add_option("--qemu", boot.qemu, "QEMU to run; the locked one for a simulated TEE, else the host's")
        ->type_name("PATH");
    app.add_option("--console", boot.console, "Write the guest's console to this file")->type_name("FILE");
    app.add_option("--simulated-root", boot.simulated_root,
                   "Where the simulated platform keeps its keys (default $XDG_STATE_HOME/hallmark/TEE)")
        ->type_name("DIR");
    app.add_option("--trusted-root", boot.trusted_root, "Of hardware: AMD's ARK for this product (PEM)")
        ->type_name("FILE");
    app.add_option("--platform-values", options.request.platform_values,
                   "Of hardware: its owner's reference values, a message for the broker")
        ->type_name("FILE");
    app.add_option("--kds", options.request.kds, "Of hardware: where the broker fetches AMD's certificates")
        ->type_name("URL");
    app.add_option("--pccs", options.request.pccs, "Of hardware: where the broker fetches Intel's collateral")
        ->type_name("URL");
    app.add_option("--stop-before-boot", options.request.stop_in,
                   "Make everything in this new folder, print what it is as JSON, and keep the servers up until "
                   "standard input ends")
        ->type_name("DIR");
    app.add_option("--filler", options.request.filler_mib,
                   "Make the image larger by a layer of so many MiB, at most 1024")
        ->type_name("MIB")
        ->check(CLI::Range(0, 1024));
    app.add_option("--registry-seen-at", options.request.registry_seen_at,
                   "Have the guest call the registry by this address, where something stands between them")
        ->type_name("HOST:PORT");
    app.add_flag("--json", options.json, "Print the answer as JSON");
}

int fail(const Error& error) { return cli::fail(kProgram, error.message, error.exit_status()); }

int show_in(const Options& options, const std::filesystem::path& folder) {
    View view(mode_of(options.json));
    const auto shown = show(options.request, folder, view);
    if (!shown) return fail(shown.error());
    const int status = shown->reason.empty() ? 0 : 1;
    if (!shown->reason.empty()) cli::fail(kProgram, shown->reason, status);
    return options.json ? cli::print(kProgram, {to_text(shown->json()), status}) : status;
}

}  // namespace

int demo_main(int argc, char** argv) {
    CLI::App app(kDescription, kProgram);
    app.footer(cli::footer(kExample));
    Options options;
    add_options(app, options);
    if (const auto status = cli::parse(app, kProgram, argc, argv)) return *status;
    if (!options.request.stop_in.empty()) {
        View view(Mode::kSilent);
        const auto held = hold(options.request, view);
        return held ? 0 : fail(held.error());
    }
    const auto status = in_work_folder([&](const auto& folder) { return show_in(options, folder); });
    return status ? *status : fail(status.error());
}

}  // namespace hallmark::boot::demo
