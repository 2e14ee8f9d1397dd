// SPDX-License-Identifier: Apache-2.0
#include "agent/oci/image_config.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "agent/oci/text.hpp"
#include "common/json.hpp"

namespace hallmark::oci {
namespace {

constexpr std::size_t kMostTexts = 1024;  // of one list; as many as an object may have members

/// The texts go to execve(2) and the like, where a NUL ends them.
Result<std::string> text_of_element(const Json& element, const std::string& where) {
    if (!element.is_string()) return bad_input(where + ": expected a list of strings");
    auto text = element.get<std::string>();
    if (text.find('\0') != std::string::npos) return bad_input(where + ": a NUL in '" + printable(text) + "'");
    return text;
}

/// Absent and null are the same.
bool has(const Json& json, const std::string& key) {
    const auto found = json.find(key);
    return found != json.end() && !found->is_null();
}

Status read_text(const Json& json, const std::string& key, const std::string& where, std::string& into) {
    if (!has(json, key)) return {};
    HALLMARK_TRY(into, text_of_element(json.at(key), where + "." + key));
    return {};
}

Status read_texts(const Json& json, const std::string& key, const std::string& where, std::vector<std::string>& into) {
    if (!has(json, key)) return {};
    const Json& list = json.at(key);
    const std::string place = where + "." + key;
    if (!list.is_array()) return bad_input(place + ": expected a list of strings");
    if (list.size() > kMostTexts)
        return bad_input(place + ": " + std::to_string(list.size()) + " entries, expected at most " +
                         std::to_string(kMostTexts));
    for (const auto& element : list) {
        HALLMARK_TRY(std::string text, text_of_element(element, place));
        into.push_back(std::move(text));
    }
    return {};
}

/// Sets, which Go writes as objects with empty objects in them.
Status read_keys(const Json& json, const std::string& key, const std::string& where, std::vector<std::string>& into) {
    if (!has(json, key)) return {};
    const std::string place = where + "." + key;
    HALLMARK_TRY(const JsonObject set, JsonObject::of(json.at(key), place));
    for (const auto& name : set.keys()) {
        HALLMARK_TRY(std::string text, text_of_element(Json(name), place));
        into.push_back(std::move(text));
    }
    return {};
}

Status read_labels(const Json& json, const std::string& where, std::map<std::string, std::string>& into) {
    if (!has(json, "Labels")) return {};
    HALLMARK_TRY(const JsonObject labels, JsonObject::of(json.at("Labels"), where + ".Labels"));
    for (const auto& name : labels.keys()) {
        HALLMARK_TRY(std::string value, labels.string(name));
        into.emplace(name, std::move(value));
    }
    return {};
}

Status read_process(const Json& json, const std::string& where, ImageConfig& config) {
    HALLMARK_CHECK(JsonObject::of(json, where));
    HALLMARK_CHECK(read_texts(json, "Env", where, config.environment));
    for (const auto& entry : config.environment)
        if (entry.find('=') == std::string::npos || entry.starts_with('='))
            return bad_input(where + ".Env: found '" + printable(entry) + "', expected NAME=value");
    HALLMARK_CHECK(read_texts(json, "Entrypoint", where, config.entrypoint));
    HALLMARK_CHECK(read_texts(json, "Cmd", where, config.command));
    HALLMARK_CHECK(read_text(json, "User", where, config.user));
    HALLMARK_CHECK(read_text(json, "WorkingDir", where, config.working_directory));
    HALLMARK_CHECK(read_text(json, "StopSignal", where, config.stop_signal));
    HALLMARK_CHECK(read_keys(json, "Volumes", where, config.volumes));
    HALLMARK_CHECK(read_keys(json, "ExposedPorts", where, config.exposed_ports));
    return read_labels(json, where, config.labels);
}

Result<std::vector<Digest>> parse_diff_ids(const JsonObject& document) {
    HALLMARK_TRY(const JsonObject root, document.object("rootfs"));
    HALLMARK_TRY(const std::string type, root.string("type"));
    if (type != "layers")
        return bad_input(root.path_of("type") + ": found '" + printable(type) + "', expected 'layers'");
    HALLMARK_TRY(const Json* list, root.array("diff_ids"));
    if (list->size() > kMostLayers)
        return bad_input(root.path_of("diff_ids") + ": " + std::to_string(list->size()) +
                         " entries, expected at most " + std::to_string(kMostLayers));
    std::vector<Digest> digests;
    for (const auto& element : *list) {
        HALLMARK_TRY(const std::string text, text_of_element(element, root.path_of("diff_ids")));
        auto digest = Digest::parse(text);
        if (!digest) return std::unexpected(digest.error().at(root.path_of("diff_ids")));
        digests.push_back(std::move(*digest));
    }
    return digests;
}

}  // namespace

Result<ImageConfig> parse_image_config(std::string_view text, std::string_view what) {
    const std::string name(what);
    if (text.size() > kLargestDocument)
        return bad_input(name + ": " + std::to_string(text.size()) + " bytes, expected at most " +
                         std::to_string(kLargestDocument));
    HALLMARK_TRY(const Json json, parse_json(text, name));
    HALLMARK_TRY(const JsonObject document, JsonObject::of(json, name));
    ImageConfig config;
    HALLMARK_TRY(config.platform, parse_platform(document));
    HALLMARK_TRY(config.diff_ids, parse_diff_ids(document));
    if (has(json, "config")) HALLMARK_CHECK(read_process(json.at("config"), document.path_of("config"), config));
    return config;
}

Status fits(const ImageConfig& config, const Manifest& manifest, std::string_view what) {
    if (config.diff_ids.size() == manifest.layers.size()) return {};
    return bad_input(std::string(what) + ": the configuration names " + std::to_string(config.diff_ids.size()) +
                     " layers, the manifest " + std::to_string(manifest.layers.size()) + "; push the image again");
}

}  // namespace hallmark::oci
