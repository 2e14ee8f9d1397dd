// SPDX-License-Identifier: Apache-2.0
// hallmark-measure publish; see main.cpp for why it is a program of its own.
#include "cli/program.hpp"
#include "measure/cli.hpp"

int main(int argc, char** argv) {
    using namespace hallmark;
    CLI::App app("Registers what was worked out with a key broker", "hallmark-measure");
    app.require_subcommand(1);
    cli::Run run;
    auto* publish = app.add_subcommand("publish", "Register an image's reference values with a key broker");
    cli::add_publish_options(*publish, run);
    publish->footer(
        cli::footer("hallmark-measure publish build/guest --kbs https://kbs.example:8080 --admin-key admin.pem"));
    return cli::run_program({.app = app, .run = run, .name = "hallmark-measure"}, argc, argv);
}
