// SPDX-License-Identifier: Apache-2.0
#include "cli/program.hpp"

#include <cstdio>

namespace hallmark::cli {

void add_commands(CLI::App& app, Run& run, std::span<const Command> commands) {
    app.require_subcommand(1);
    for (const auto& command : commands) {
        auto* added = app.add_subcommand(command.name, command.describes);
        if (command.add_options != nullptr) command.add_options(*added, run);
        added->footer(footer(command.example));
    }
}

int run_program(const Program& program, int argc, char** argv) {
    if (const auto status = parse(program.app, program.name, argc, argv)) return *status;
    const auto answer = program.run();
    if (answer) return print(program.name, *answer);
    const auto& error = answer.error();
    const bool no = error.fault == Fault::kNo && !program.name_of_no.empty();
    return fail(no ? program.name_of_no : program.name, error.message, error.exit_status());
}

std::optional<int> parse(CLI::App& app, const std::string& program, int argc, char** argv) {
    try {
        app.parse(argc, argv);
        return std::nullopt;
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);
        return fail(program, std::string(error.what()) + "; see " + program + " --help", 2);
    }
}

int print(const std::string& program, const Answer& answer) {
    const auto& text = answer.text;
    if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0)
        return answer.status;
    return fail(program, "standard output: can't be written", 2);
}

int fail(const std::string& program, const std::string& message, int status) {
    // One line, whatever came in with a file name or an option.
    std::string line = program + ": " + message;
    for (auto& c : line)
        if (c == '\n' || c == '\r') c = ' ';
    std::fprintf(stderr, "%s\n", line.c_str());
    return status;
}

std::string footer(const std::string& example) { return "Example:\n  " + example; }

}  // namespace hallmark::cli
