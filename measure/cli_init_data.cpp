// SPDX-License-Identifier: Apache-2.0
#include "measure/cli_init_data.hpp"

#include <string_view>
#include <utility>

#include "common/file.hpp"
#include "common/formats/init_data.hpp"
#include "common/hex.hpp"
#include "common/text.hpp"

namespace hallmark::cli {
namespace {

/// A document's size for what compression may add, and for the header and the last sector.
constexpr std::size_t kLargestDisk = init_data::kLargestDocument + 64UL * 1024;

}  // namespace

Json InitData::json() const {
    return {{"algorithm", std::string(init_data::name_of(algorithm))}, {"digest", to_hex(digest)}};
}

void add_init_data_option(CLI::App& app, std::optional<std::string>& into, const std::string& field) {
    app.add_option_function<std::string>(
           "--init-data", [&into](const std::string& text) { into = text; },
           "Init-data, as a TOML document or its disk: print the " + field + " that binds them, too")
        ->type_name("FILE");
}

Result<std::optional<InitData>> read_init_data(const std::optional<std::string>& path) {
    if (!path) return std::nullopt;
    if (path->empty()) return bad_input("--init-data: empty, expected the name of a file");
    HALLMARK_TRY(Bytes bytes, read_file(*path, kLargestDisk));
    if (init_data::is_disk(bytes)) {
        HALLMARK_TRY(bytes, init_data::read_disk(bytes, *path));
    }
    const std::string_view text = text_of(bytes);
    HALLMARK_TRY(const init_data::Document document, init_data::parse_document(text, *path));
    return InitData{document.algorithm, init_data::digest(document.algorithm, bytes)};
}

}  // namespace hallmark::cli
