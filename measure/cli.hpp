// SPDX-License-Identifier: Apache-2.0
// The commands of hallmark-measure. Each reads its own options, and leaves in `run` what is to be done.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "common/result.hpp"

namespace hallmark::cli {

/// What a command does; the text is its answer on standard output.
using Run = std::function<Result<std::string>()>;

/// The options of `snp`, added to a subcommand or, for users of sev-snp-measure, to the program itself.
void add_snp_options(CLI::App& app, Run& run);

/// The option --mode, which users of sev-snp-measure must give.
void add_mode_option(CLI::App& app);

/// The options of `tdx`.
void add_tdx_options(CLI::App& app, Run& run);

void add_inspect_options(CLI::App& app, Run& run);

void add_pcr_options(CLI::App& app, Run& run);

void add_reference_values_options(CLI::App& app, Run& run);

}  // namespace hallmark::cli
