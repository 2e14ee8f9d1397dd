// SPDX-License-Identifier: Apache-2.0
#include "agent/init-data/init_data.hpp"

#include <filesystem>
#include <string_view>
#include <system_error>

#include "agent/init-data/disk.hpp"
#include "common/file.hpp"
#include "common/formats/init_data.hpp"
#include "common/text.hpp"

namespace hallmark::guest {
namespace {

constexpr const char* kAgentKey = "aa.toml";
constexpr const char* kHubKey = "cdh.toml";
constexpr const char* kSettingsKey = "hallmark.toml";

/// True where the document has the key.
Result<bool> write_part(const init_data::Document& document, const std::string& key, const std::string& folder) {
    const auto found = document.data.find(key);
    if (found == document.data.end()) return false;
    HALLMARK_CHECK(write_file(folder + "/" + key, as_bytes(found->second)));
    return true;
}

}  // namespace

Result<std::optional<InitData>> take_init_data(const Roots& roots, const std::string& folder) {
    HALLMARK_TRY(const auto content, find_init_data(roots));
    if (!content) return std::nullopt;
    const std::string_view text = text_of(*content);
    HALLMARK_TRY(const auto document, init_data::parse_document(text, "init-data"));
    InitData data;
    if (const auto found = document.data.find(kSettingsKey); found != document.data.end()) {
        HALLMARK_TRY(data.settings, parse_settings(found->second));
    }
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return refused(folder + ": " + error.message());
    HALLMARK_CHECK(write_file(folder + "/initdata.toml", *content));
    HALLMARK_TRY(data.has_agent_config, write_part(document, kAgentKey, folder));
    HALLMARK_TRY(data.has_hub_config, write_part(document, kHubKey, folder));
    return data;
}

}  // namespace hallmark::guest
