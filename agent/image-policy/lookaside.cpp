// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/lookaside.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

#include "agent/image-policy/openpgp/message.hpp"
#include "agent/image-policy/policy.hpp"
#include "agent/image-policy/signature_source.hpp"
#include "agent/image-policy/yaml_subset.hpp"
#include "agent/oci/text.hpp"
#include "common/file.hpp"
#include "common/json.hpp"

namespace hallmark::image_policy {
namespace {

constexpr std::string_view kFile = "file://";

Result<std::string> store_at(const JsonObject& object, std::string_view key) {
    HALLMARK_TRY(std::string store, object.string(key));
    while (store.size() > kFile.size() + 1 && store.ends_with('/')) store.pop_back();
    if (store.find_first_of("?#") != std::string::npos ||
        !(store.starts_with("file:///") || store.starts_with("http://") || store.starts_with("https://")))
        return bad_input(object.path_of(key) + ": found '" + oci::printable(store) +
                         "', expected file:///…, http://… or https://…");
    return store;
}

/// "sigstore" is what "lookaside" was called once.
Result<std::string> parse_namespace(const Json& json, const std::string& where) {
    if (json.is_null()) return std::string();
    HALLMARK_TRY(const JsonObject object, JsonObject::of(json, where));
    HALLMARK_CHECK(
        object.only({"lookaside", "lookaside-staging", "sigstore", "sigstore-staging", "use-sigstore-attachments"}));
    if (object.has("use-sigstore-attachments")) {
        HALLMARK_TRY(const std::string use, object.string("use-sigstore-attachments"));
        if (use != "true" && use != "false")
            return bad_input(object.path_of("use-sigstore-attachments") + ": found '" + oci::printable(use) +
                             "', expected true or false");
    }
    if (object.has("lookaside")) return store_at(object, "lookaside");
    if (object.has("sigstore")) return store_at(object, "sigstore");
    return std::string();
}

/// Nothing where there is no such file.
Result<std::optional<Bytes>> read_if_there(const std::filesystem::path& path, std::size_t limit) {
    std::error_code error;
    if (std::filesystem::status(path, error).type() == std::filesystem::file_type::not_found)
        return std::optional<Bytes>();
    HALLMARK_TRY(Bytes bytes, read_file(path, limit));
    return std::optional(std::move(bytes));
}

}  // namespace

Result<LookasideConfig> LookasideConfig::parse(std::string_view text, std::string_view what) {
    HALLMARK_TRY(const Json json, parse_yaml_subset(text, what));
    HALLMARK_TRY(const JsonObject object, JsonObject::of(json, std::string(what)));
    HALLMARK_CHECK(object.only({"default-docker", "docker"}));
    LookasideConfig config;
    if (object.has("default-docker")) {
        HALLMARK_TRY(config.default_, parse_namespace(json["default-docker"], object.path_of("default-docker")));
    }
    if (!object.has("docker") || json["docker"].is_null()) return config;
    HALLMARK_TRY(const JsonObject docker, object.object("docker"));
    for (const auto& [scope, value] : json["docker"].items()) {
        HALLMARK_TRY(std::string store, parse_namespace(value, docker.path_of("'" + oci::printable(scope) + "'")));
        config.docker_.emplace(scope, std::move(store));
    }
    return config;
}

std::string LookasideConfig::store_of(const oci::Reference& image) const {
    for (const auto& scope : scopes_of(image))
        if (const auto found = docker_.find(scope); found != docker_.end() && !found->second.empty())
            return found->second;
    return default_;
}

Result<std::vector<Bytes>> lookaside_signatures(const std::string& store, const oci::Reference& image,
                                                const oci::Digest& manifest, const FetchUrl& fetch) {
    std::vector<Bytes> signatures;
    const std::string folder = store + "/" + image.repository + "@" + std::string(oci::name_of(manifest.algorithm)) +
                               "=" + manifest.hex() + "/signature-";
    const bool is_file = store.starts_with(kFile);
    if (!is_file && !fetch) return refused(store + ": nobody here to get signatures from it");
    // One beyond the limit shows that there are too many.
    while (signatures.size() <= kMostSignatures) {
        const std::string place = folder + std::to_string(signatures.size() + 1);
        HALLMARK_TRY(auto found, is_file ? read_if_there(place.substr(kFile.size()), openpgp::kLargestMessage)
                                         : fetch(place, openpgp::kLargestMessage));
        if (!found) break;
        signatures.push_back(std::move(*found));
    }
    return signatures;
}

}  // namespace hallmark::image_policy
