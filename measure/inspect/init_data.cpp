// SPDX-License-Identifier: Apache-2.0
#include "common/formats/init_data.hpp"

#include <algorithm>

#include "common/hex.hpp"
#include "common/text.hpp"
#include "measure/inspect/format.hpp"

namespace hallmark::inspect {
namespace {

/// Text that has the keys of an init-data document, whether or not it is a good one.
bool is_document(ByteSpan bytes) {
    if (bytes.size() > init_data::kLargestDocument || std::ranges::find(bytes, 0) != bytes.end()) return false;
    const auto text = text_of(bytes);
    const auto has = [&](std::string_view word) { return text.find(word) != std::string_view::npos; };
    return has("version") && has("algorithm") && has("[data]");
}

Result<Json> describe_document(ByteSpan bytes, const std::string& what) {
    HALLMARK_TRY(const auto document, init_data::parse_document(text_of(bytes), what));
    const auto digest = init_data::digest(document.algorithm, bytes);
    Json json = {{"size", bytes.size()},
                 {"version", document.version},
                 {"algorithm", std::string(init_data::name_of(document.algorithm))},
                 {"digest", to_hex(digest)},
                 {"host_data", to_hex(init_data::host_data(digest))},
                 {"mr_config_id", to_hex(init_data::mr_config_id(digest))},
                 {"data", Json::object()}};
    for (const auto& [name, text] : document.data) json["data"][name] = text;
    if (!document.unknown.empty()) json["unknown_keys"] = document.unknown;
    return json;
}

Result<Json> describe_disk(ByteSpan bytes, const std::string& what) {
    HALLMARK_TRY(const Bytes document, init_data::read_disk(bytes, what));
    Json json = {{"disk_size", bytes.size()}};
    auto content = describe_document(document, what + ": its document");
    if (content) {
        json.update(*content);
    } else {
        // The disk itself was read.
        json["size"] = document.size();
        json["error"] = content.error().message;
    }
    return json;
}

}  // namespace

const Format kInitData{
    .name = "init-data", .title = "init-data document (TOML)", .recognise = is_document, .describe = describe_document};
const Format kInitDataDisk{.name = "init-data-disk",
                           .title = "disk with an init-data document",
                           .recognise = init_data::is_disk,
                           .describe = describe_disk};

}  // namespace hallmark::inspect
