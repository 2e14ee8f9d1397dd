// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "common/file.hpp"
#include "common/json.hpp"
#include "measure/cli.hpp"
#include "measure/image/manifest.hpp"
#include "measure/reference_values/matrix.hpp"
#include "measure/reference_values/rvps.hpp"

namespace hallmark::cli {
namespace {

struct Options {
    std::string folder;
    bool json = false;
};

/// Both documents are made before either is written.
Result<std::string> write_reference_values(const Options& options) {
    const std::filesystem::path folder = options.folder;
    HALLMARK_TRY(const Manifest manifest, read_manifest(folder));
    HALLMARK_TRY(const ReferenceValues values, measure_image(folder, manifest));
    const auto document = to_document(values);
    const auto message = rvps_message(values.snp);
    HALLMARK_CHECK(write_file(folder / kReferenceValuesFile, as_bytes(std::string_view(document))));
    HALLMARK_CHECK(write_file(folder / kRvpsMessageFile, as_bytes(std::string_view(message))));
    const auto count = values.snp.launches.size();
    if (options.json)
        return to_text({{"launches", count},
                        {"command_lines", values.snp.command_lines.size()},
                        {"files", {kReferenceValuesFile, kRvpsMessageFile}}});
    return (folder / kReferenceValuesFile).string() + ": " + std::to_string(count) + " launches\n";
}

}  // namespace

void add_reference_values_options(CLI::App& app, Run& run) {
    const auto options = std::make_shared<Options>();
    app.add_option("DIR", options->folder, "Folder with manifest.json and the artefacts that it names")
        ->type_name("")
        ->required();
    app.add_flag("--json", options->json, "Say as JSON what was written");
    app.callback([options, &run] { run = [options] { return write_reference_values(*options); }; });
}

}  // namespace hallmark::cli
