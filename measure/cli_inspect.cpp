// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "common/file.hpp"
#include "common/json.hpp"
#include "measure/cli.hpp"
#include "measure/inspect/format.hpp"
#include "measure/inspect/tree.hpp"

namespace hallmark::cli {
namespace {

/// The largest that is looked into: a unified kernel image with a large initrd.
constexpr std::size_t kLargestFile = std::size_t{1024} * 1024 * 1024;

struct InspectOptions {
    std::string file;
    std::string format;  ///< empty: whichever recognises the file
    bool json = false;
};

Result<std::string> answer(const InspectOptions& options) {
    if (options.file.empty()) return bad_input("FILE: empty, expected the name of a file");
    HALLMARK_TRY(const Bytes bytes, read_file(options.file, kLargestFile));
    HALLMARK_TRY(const inspect::Format* format, options.format.empty() ? inspect::recognise(bytes, options.file)
                                                                       : inspect::find_format(options.format));
    HALLMARK_TRY(const Json content, format->describe(bytes, options.file));
    Json json = {{"format", format->name}};
    json.update(content);
    return options.json ? to_text(json) : inspect::as_tree(json);
}

}  // namespace

void add_inspect_options(CLI::App& app, Run& run) {
    const auto options = std::make_shared<InspectOptions>();
    std::string known;
    for (const auto* format : inspect::formats()) known += (known.empty() ? "" : ", ") + std::string(format->name);
    app.add_option("FILE", options->file, "What to look into")->required();
    app.add_option("--as", options->format, "Its format, where it isn't to be recognised: " + known)
        ->type_name("FORMAT");
    app.add_flag("--json", options->json, "Print JSON instead of a tree");
    app.callback([options, &run] { run = [options] { return answer(*options); }; });
}

}  // namespace hallmark::cli
