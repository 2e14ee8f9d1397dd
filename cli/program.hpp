// SPDX-License-Identifier: Apache-2.0
// How the host's programs parse, run, answer and fail.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "common/result.hpp"

namespace hallmark::cli {

/// What a command has to say on standard output, and whether that is a yes (0) or a no (1).
struct Answer {
    std::string text;
    int status = 0;

    Answer() = default;
    // Most commands have nothing but a text.
    Answer(std::string said, int exit_status = 0)  // NOLINT(google-explicit-constructor)
        : text(std::move(said)), status(exit_status) {}
};
/// What a command does.
using Run = std::function<Result<Answer>()>;

/// One of a program's commands. It reads its own options, and leaves in `Run` what is to be done.
struct Command {
    const char* name;
    const char* describes;
    void (*add_options)(CLI::App&, Run&);  ///< none: another program has them
    const char* example;
};

/// One of them must be typed; --help of each ends with its example.
void add_commands(CLI::App& app, Run& run, std::span<const Command> commands);

struct Program {
    CLI::App& app;
    Run& run;
    std::string name;
    std::string name_of_no{};  ///< in front of an error with Fault::kNo; empty: the name
};

/// Returns the exit status.
int run_program(const Program& program, int argc, char** argv);

/// The steps of run_program(), for programs without commands. Nothing: what was typed is right, and goes on.
std::optional<int> parse(CLI::App& app, const std::string& program, int argc, char** argv);
/// The answer on standard output; returns the exit status.
int print(const std::string& program, const Answer& answer);
/// One line on standard error, and the status.
int fail(const std::string& program, const std::string& message, int status);

std::string footer(const std::string& example);

}  // namespace hallmark::cli
