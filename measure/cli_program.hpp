// SPDX-License-Identifier: Apache-2.0
// How a program of this folder parses, runs, answers and fails.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "measure/cli.hpp"

namespace hallmark::cli {

struct Program {
    CLI::App& app;
    Run& run;
    std::string name;
    bool drop_in = false;  ///< fails as sev-snp-measure does
};

/// Returns the exit status.
int run_program(const Program& program, int argc, char** argv);

/// One line on standard error, and the status.
int fail(const std::string& program, const std::string& message, int status);

std::string footer(const std::string& example);

}  // namespace hallmark::cli
