// SPDX-License-Identifier: Apache-2.0
// The options of `tdx`, for it and for the explanation of its values.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "measure/cli_launch.hpp"
#include "measure/tdx/prediction.hpp"

namespace hallmark::cli {

/// As typed; nothing where the option wasn't given.
struct TdxOptions {
    tdx::Request request;
    Text memory;
    Text qemu;
    std::vector<std::string> known;
    Text only;
    Text init_data;
    Text stock_qemu;
    Text qemu_arguments;
    Text pci_window;
    bool json = false;
    bool trace = false;
};

/// All that says what is built and booted.
void add_tdx_flags(CLI::App& app, TdxOptions& options);

/// What the flags ask for.
Result<tdx::Request> request_of(const TdxOptions& options);

}  // namespace hallmark::cli
