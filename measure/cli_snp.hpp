// SPDX-License-Identifier: Apache-2.0
// `snp` as a function, for the command and for sev-snp-measure's flags.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/result.hpp"
#include "measure/cli_launch.hpp"
#include "measure/ovmf/svsm_firmware.hpp"

namespace hallmark::cli {

struct SnpOptions {
    FirmwareOptions firmware;
    KernelOptions kernel;
    CpuModelOptions cpu;
    StateOptions state;
    AnswerOptions answer;
    std::string vcpus;
    Text svsm;
    Text variables_size;
    Text variables_file;
    Text init_data;
    bool dump_states = false;
};

/// All that says what is launched.
void add_snp_flags(CLI::App& app, SnpOptions& options);

/// The size of the variables matters beside an SVSM only.
Status check_svsm_options(const SnpOptions& options);

/// A firmware, and the SVSM beside it.
struct SvsmInputs {
    Bytes firmware;
    Bytes image;
    std::uint64_t variables = 0;  ///< size of what lies between them, in bytes
    ovmf::SvsmFirmware svsm;
};
/// What `svsm_file` and the other options name; checks that it can be started so.
Result<SvsmInputs> read_svsm_inputs(const SnpOptions& options, const std::string& svsm_file);

struct SnpPrediction {
    Sha384 digest{};
    Json parameters;
};

/// The digest and all that went into it. `vcpus` may be 0 only where the caller means it.
Result<SnpPrediction> predict_snp(const SnpOptions& options, std::uint32_t vcpus, Trace* trace);

}  // namespace hallmark::cli
