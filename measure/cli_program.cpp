// SPDX-License-Identifier: Apache-2.0
#include "measure/cli_program.hpp"

#include <cstdio>

namespace hallmark::cli {
namespace {

int print(const std::string& program, const Answer& answer) {
    const auto& text = answer.text;
    if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0)
        return answer.status;
    return fail(program, "standard output: can't be written", 2);
}

}  // namespace

int run_program(const Program& program, int argc, char** argv) {
    try {
        program.app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return program.app.exit(error);
        return fail(program.name, std::string(error.what()) + "; see " + program.name + " --help", 2);
    }
    const auto answer = program.run();
    if (!answer) {
        const auto& error = answer.error();
        return fail(program.drop_in && error.fault == Fault::kNo ? "Error" : program.name, error.message,
                    error.exit_status());
    }
    return print(program.name, *answer);
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
