// SPDX-License-Identifier: Apache-2.0
// The commands of hallmark-kbs. Each reads its own options, and leaves in `run` what is to be done.
#pragma once

#include "cli/program.hpp"

namespace hallmark::cli {

void add_serve_options(CLI::App& app, Run& run);
void add_verify_options(CLI::App& app, Run& run);
void add_set_resource_options(CLI::App& app, Run& run);
void add_delete_resource_options(CLI::App& app, Run& run);
void add_new_master_key_options(CLI::App& app, Run& run);
void add_reference_values_options(CLI::App& app, Run& run);
void add_set_policy_options(CLI::App& app, Run& run);
void add_set_release_policy_options(CLI::App& app, Run& run);
void add_audit_options(CLI::App& app, Run& run);
void add_rewrap_options(CLI::App& app, Run& run);
void add_keyprovider_options(CLI::App& app, Run& run);

}  // namespace hallmark::cli
