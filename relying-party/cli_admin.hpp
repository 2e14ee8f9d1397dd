// SPDX-License-Identifier: Apache-2.0
// The options by which commands of hallmark-kbs find a running key broker and show who administrates it.
#pragma once

#include <CLI/CLI.hpp>

#include "common/kbs/admin_client.hpp"

namespace hallmark::cli {

/// `access` outlives the command.
void add_admin_options(CLI::App& app, kbs::AdminAccess& access);

}  // namespace hallmark::cli
