// SPDX-License-Identifier: Apache-2.0
// hallmark-boot: starts a guest image on SNP, TDX or a simulated TEE, and proves what was launched.
#include <unistd.h>

#include <string_view>

#include "boot/boot.hpp"
#include "boot/cli.hpp"
#include "boot/demo/cli.hpp"
#include "boot/flags/boot.hpp"
#include "boot/run/line.hpp"
#include "cli/program.hpp"

namespace hallmark::boot {
namespace {

constexpr const char* kProgram = "hallmark-boot";
constexpr const char* kExample =
    "hallmark-boot demo                                 (see hallmark-boot demo --help)\n"
    "  hallmark-boot build/guest --tee simulated-snp --vcpus 2\n"
    "  hallmark-boot build/guest --tee simulated-tdx --json\n"
    "  hallmark-boot build/guest --tee simulated-snp --init-data init-data.toml --network\n"
    "  hallmark-boot build/guest --tee snp --vcpu-type EPYC-v4 --dry-run --json";

int fail(const std::string& message, int status) { return cli::fail(kProgram, one_line(message), status); }

int print(const std::string& text, int status) { return cli::print(kProgram, {text, status}); }

int print_command(const Request& request) {
    const auto command = dry_run(request);
    if (!command) return fail(command.error().message, command.error().exit_status());
    if (request.json) return print(to_text(*command), 0);
    std::string lines;
    for (const auto& argument : (*command)["argv"]) lines += argument.get<std::string>() + "\n";
    return print(lines, 0);
}

int run(const Request& request) {
    if (request.dry_run) return print_command(request);
    Journal journal(!request.json);
    auto outcome = boot(request, journal);
    if (!outcome && outcome.error().fault == Fault::kBadInput) return fail(outcome.error().message, 2);
    if (!outcome) outcome = Outcome{.proven = false, .reason = outcome.error().message};
    if (request.tee == Tee::kSimulatedTdx && !outcome->comparison) outcome->comparison.emplace();
    if (!outcome->proven) fail(outcome->reason, 1);
    const std::string text =
        request.json ? to_text(to_json(*outcome, journal)) : to_lines(*outcome, ::isatty(STDOUT_FILENO) == 1);
    return print(text, outcome->proven ? 0 : 1);
}

int boot_main(int argc, char** argv) {
    CLI::App app("Starts a guest image on SNP, TDX or a simulated TEE, and proves what was launched", kProgram);
    app.set_version_flag("--version", std::string(kProgram) + " " HALLMARK_VERSION);
    app.footer(cli::footer(kExample));
    Typed typed;
    add_options(app, typed);
    if (const auto status = cli::parse(app, kProgram, argc, argv)) return *status;
    const auto request = to_request(typed);
    if (!request) return fail(request.error().message, request.error().exit_status());
    return run(*request);
}

}  // namespace
}  // namespace hallmark::boot

int main(int argc, char** argv) {
    const bool demo = argc > 1 && std::string_view(argv[1]) == "demo";
    return demo ? hallmark::boot::demo::demo_main(argc - 1, argv + 1) : hallmark::boot::boot_main(argc, argv);
}
