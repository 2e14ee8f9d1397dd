// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "common/hex.hpp"
#include "common/json.hpp"
#include "measure/cli.hpp"
#include "measure/cli_launch.hpp"

namespace hallmark::cli {
namespace {

struct Options {
    FirmwareOptions firmware;
    bool only_digest = false;
    bool json = false;  ///< for scripts that give it everywhere; the answer is JSON anyway
};

Result<std::string> answer(const Options& options) {
    HALLMARK_TRY(const Bytes image, read_firmware(options.firmware));
    HALLMARK_TRY(const snp::FirmwareSeed seed,
                 snp::seed_of(image, options.firmware.name(), options.firmware.unknown()));
    if (options.only_digest) return to_hex(seed.after_firmware) + "\n";
    return to_text(to_json(seed));
}

}  // namespace

void add_firmware_seed_options(CLI::App& app, Run& run) {
    const auto options = std::make_shared<Options>();
    add_ovmf_option(app, options->firmware);
    app.add_flag("--allow-unknown-sections", options->firmware.allow_unknown_sections,
                 "Take metadata sections of unknown type");
    app.add_flag("--digest", options->only_digest, "Print only the digest after the firmware, for --snp-ovmf-hash");
    app.add_flag("--json", options->json, "Print JSON, as it does anyway");
    app.callback([options, &run] { run = [options] { return answer(*options); }; });
}

}  // namespace hallmark::cli
