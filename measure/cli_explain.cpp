// SPDX-License-Identifier: Apache-2.0
#include "measure/cli_explain.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "common/hex.hpp"
#include "common/json.hpp"
#include "measure/explain/answer.hpp"

namespace hallmark::cli {
namespace {

namespace fs = std::filesystem;

/// More are not meant: each is measured whole.
constexpr std::size_t kMostFirmwares = 256;

struct Mode {
    const char* name;
    const char* describes;
    void (*add)(CLI::App&, const SharedExplainOptions&, Run&);
};

constexpr Mode kModes[] = {
    {"snp", "A launch digest of SEV-SNP; flags as for snp", add_explain_snp},
    {"sev", "A launch digest of SEV; flags as for sev", add_explain_sev},
    {"seves", "A launch digest of SEV-ES; flags as for seves", add_explain_seves},
    {"igvm", "A launch digest or MRTD of an IGVM file; flags as for igvm", add_explain_igvm},
    {"tdx", "MRTD and the RTMRs of a TDX guest, or its event log; flags as for tdx", add_explain_tdx},
    {"pcr", "A PCR, or the event log of a TPM; flags as for pcr", add_explain_pcr},
};

}  // namespace

Result<std::vector<std::string>> other_firmwares(const ExplainOptions& options, const std::string& given) {
    std::vector<std::string> names;
    if (!options.firmware_folder) return names;
    std::error_code error;
    for (fs::directory_iterator entry(*options.firmware_folder, error), end; !error && entry != end;
         entry.increment(error)) {
        std::error_code unreadable;
        if (entry->is_regular_file(unreadable) && !fs::equivalent(entry->path(), given, unreadable))
            names.push_back(entry->path().string());
    }
    if (error) return bad_input("--firmware-dir: " + *options.firmware_folder + ": " + error.message());
    if (names.size() > kMostFirmwares)
        return bad_input("--firmware-dir: " + *options.firmware_folder + ": " + std::to_string(names.size()) +
                         " files, expected at most " + std::to_string(kMostFirmwares) +
                         "; name a folder that has the firmwares alone");
    std::ranges::sort(names);
    return names;
}

Answer explained(const ExplainOptions& options, std::string_view value, const explain::Space& space, ByteSpan digest,
                 ByteSpan expected, std::string_view hint) {
    const auto outcome = explain::search(space);
    const int status = outcome.equal ? 0 : 1;
    if (options.json) {
        Json json = {{"digest", to_hex(digest)}, {"expected", to_hex(expected)}};
        json.update(explain::as_json(space, outcome));
        return {to_text(json), status};
    }
    auto text = explain::as_lines(value, space, outcome);
    if (!outcome.equal && outcome.explanations.empty())
        text += "request  " + to_hex(digest) + "\nexpected " + to_hex(expected) + "\n" + std::string(hint) + "\n";
    return {std::move(text), status};
}

void add_explain_options(CLI::App& app, Run& run) {
    const auto shared = std::make_shared<ExplainOptions>();
    app.add_option("--expected", shared->expected,
                   "What was seen: a digest, or a file with it (SNP report, TDX quote, TDREPORT, event log)")
        ->type_name("HEX|FILE")
        ->required();
    add_text(app, "--firmware-dir", shared->firmware_folder, "DIR",
             "Other firmware images, SVSMs or IGVM files, one of which may be the true one");
    app.add_flag("--json", shared->json, "Print JSON");
    app.require_subcommand(1);
    for (const auto& mode : kModes) {
        auto* added = app.add_subcommand(mode.name, mode.describes);
        added->fallthrough();
        mode.add(*added, shared, run);
    }
}

}  // namespace hallmark::cli
