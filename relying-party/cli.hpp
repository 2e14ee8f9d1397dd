// SPDX-License-Identifier: Apache-2.0
// The commands of hallmark-kbs. Each reads its own options, and leaves in `run` what is to be done.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
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
