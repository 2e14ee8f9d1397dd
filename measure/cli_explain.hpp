// SPDX-License-Identifier: Apache-2.0
// The modes of `explain`: each has the flags of the calculation whose value it explains.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "measure/cli.hpp"
#include "measure/cli_launch.hpp"
#include "measure/explain/search.hpp"

namespace hallmark::cli {

/// What all modes have.
struct ExplainOptions {
    std::string expected;
    Text firmware_folder;
    bool json = false;
};
using SharedExplainOptions = std::shared_ptr<ExplainOptions>;

void add_explain_snp(CLI::App& app, const SharedExplainOptions& shared, Run& run);
void add_explain_sev(CLI::App& app, const SharedExplainOptions& shared, Run& run);
void add_explain_seves(CLI::App& app, const SharedExplainOptions& shared, Run& run);
void add_explain_igvm(CLI::App& app, const SharedExplainOptions& shared, Run& run);
void add_explain_tdx(CLI::App& app, const SharedExplainOptions& shared, Run& run);
void add_explain_pcr(CLI::App& app, const SharedExplainOptions& shared, Run& run);

/// The regular files of --firmware-dir by name, without the one that `given` names; none without the option.
Result<std::vector<std::string>> other_firmwares(const ExplainOptions& options, const std::string& given);

/// The answer for one digest. `hint` says what else it may be, where nothing explains it.
Answer explained(const ExplainOptions& options, std::string_view value, const explain::Space& space, ByteSpan digest,
                 ByteSpan expected, std::string_view hint);

}  // namespace hallmark::cli
