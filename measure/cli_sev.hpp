// SPDX-License-Identifier: Apache-2.0
// `sev` and `seves` as functions, for the commands and for sev-snp-measure's flags.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "common/digest.hpp"
#include "common/result.hpp"
#include "measure/cli_launch.hpp"

namespace hallmark::cli {

struct SevOptions {
    FirmwareOptions firmware;
    KernelOptions kernel;
    CpuModelOptions cpu;
    StateOptions state;
    AnswerOptions answer;
    std::string vcpus;
    bool dump_states = false;
};

/// All that says what is launched, without and with CPU states.
void add_sev_flags(CLI::App& app, SevOptions& options);
void add_seves_flags(CLI::App& app, SevOptions& options);

struct SevPrediction {
    Sha256 digest{};
    Json parameters;
};

/// SEV: firmware and kernel hashes.
Result<SevPrediction> predict_sev(const SevOptions& options, Trace* trace);

/// SEV-ES: those and the CPUs. `vcpus` may be 0 only where the caller means it.
Result<SevPrediction> predict_seves(const SevOptions& options, std::uint32_t vcpus, Trace* trace);

}  // namespace hallmark::cli
