// SPDX-License-Identifier: Apache-2.0
// The commands of hallmark-measure. Each reads its own options, and leaves in `run` what is to be done.
#pragma once

#include "cli/program.hpp"

namespace hallmark::cli {

void add_explain_options(CLI::App& app, Run& run);
void add_extend_options(CLI::App& app, Run& run);
void add_firmware_seed_options(CLI::App& app, Run& run);
void add_igvm_options(CLI::App& app, Run& run);
void add_inspect_options(CLI::App& app, Run& run);
void add_id_block_options(CLI::App& app, Run& run);
void add_key_digest_options(CLI::App& app, Run& run);
void add_matrix_options(CLI::App& app, Run& run);
void add_pcr_options(CLI::App& app, Run& run);
void add_publish_options(CLI::App& app, Run& run);
void add_reference_values_options(CLI::App& app, Run& run);
void add_sev_options(CLI::App& app, Run& run);
void add_seves_options(CLI::App& app, Run& run);
void add_snp_options(CLI::App& app, Run& run);
void add_tdx_options(CLI::App& app, Run& run);

/// All flags of sev-snp-measure, for the program itself when it is called by that name. An error with Fault::kNo is
/// one that sev-snp-measure finds after it has accepted the request.
void add_drop_in_options(CLI::App& app, Run& run);

}  // namespace hallmark::cli
