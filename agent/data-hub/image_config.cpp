// SPDX-License-Identifier: Apache-2.0
#include "agent/data-hub/image_config.hpp"

#include <algorithm>
#include <utility>

namespace hallmark::hub {
namespace {

constexpr std::int64_t kMostDownloads = 64;

Result<Registry> parse_registry(const Toml& table, std::vector<std::string>& unknown) {
    HALLMARK_CHECK(note_unknown(table, {"prefix", "location", "insecure", "blocked", "mirror"}, unknown));
    Registry registry;
    HALLMARK_CHECK(read_text(table, "prefix", registry.prefix));
    HALLMARK_CHECK(read_text(table, "location", registry.location));
    HALLMARK_CHECK(read_boolean(table, "insecure", registry.insecure));
    HALLMARK_CHECK(read_boolean(table, "blocked", registry.blocked));
    const Toml* mirrors = table.find("mirror");
    if (mirrors == nullptr) return registry;
    HALLMARK_TRY(const std::vector<Toml>* elements, mirrors->array());
    for (const auto& element : *elements) {
        HALLMARK_CHECK(note_unknown(element, {"location", "insecure"}, unknown));
        Mirror mirror;
        HALLMARK_CHECK(read_text(element, "location", mirror.location));
        HALLMARK_CHECK(read_boolean(element, "insecure", mirror.insecure));
        registry.mirrors.push_back(std::move(mirror));
    }
    return registry;
}

Status parse_registries(const Toml& table, ImageConfig& image, std::vector<std::string>& unknown) {
    HALLMARK_CHECK(note_unknown(table, {"unqualified-search-registries", "registry"}, unknown));
    HALLMARK_CHECK(read_texts(table, "unqualified-search-registries", image.unqualified_search_registries));
    const Toml* registries = table.find("registry");
    if (registries == nullptr) return {};
    HALLMARK_TRY(const std::vector<Toml>* elements, registries->array());
    for (const auto& element : *elements) {
        HALLMARK_TRY(Registry registry, parse_registry(element, unknown));
        image.registries.push_back(std::move(registry));
    }
    return {};
}

Result<Proxy> parse_proxy(const Toml& table, std::vector<std::string>& unknown) {
    HALLMARK_CHECK(note_unknown(table, {"https_proxy", "http_proxy", "no_proxy"}, unknown));
    Proxy proxy;
    HALLMARK_CHECK(read_text(table, "https_proxy", proxy.https_proxy));
    HALLMARK_CHECK(read_text(table, "http_proxy", proxy.http_proxy));
    HALLMARK_CHECK(read_text(table, "no_proxy", proxy.no_proxy));
    return proxy;
}

Status read_downloads(const Toml& table, std::uint32_t& into) {
    const Toml* value = table.find("max_concurrent_layer_downloads_per_image");
    if (value == nullptr) return {};
    HALLMARK_TRY(const std::int64_t number, value->integer());
    if (number < 1 || number > kMostDownloads)
        return bad_input(value->where() + ": found " + std::to_string(number) + ", expected 1 to " +
                         std::to_string(kMostDownloads));
    into = static_cast<std::uint32_t>(number);
    return {};
}

}  // namespace

Result<ImageConfig> parse_image_config(const Toml& table, std::vector<std::string>& unknown) {
    HALLMARK_CHECK(note_unknown(
        table,
        {"work_dir", "image_security_policy_uri", "image_security_policy", "sigstore_config_uri", "sigstore_config",
         "authenticated_registry_credentials_uri", "registry_configuration_uri", "registry_config",
         "max_concurrent_layer_downloads_per_image", "image_pull_proxy", "extra_root_certificates"},
        unknown));
    ImageConfig image;
    const std::pair<std::string_view, std::string*> texts[] = {
        {"work_dir", &image.work_dir},
        {"image_security_policy_uri", &image.image_security_policy_uri},
        {"image_security_policy", &image.image_security_policy},
        {"sigstore_config_uri", &image.sigstore_config_uri},
        {"sigstore_config", &image.sigstore_config},
        {"authenticated_registry_credentials_uri", &image.authenticated_registry_credentials_uri},
        {"registry_configuration_uri", &image.registry_configuration_uri},
    };
    for (const auto& [key, into] : texts) HALLMARK_CHECK(read_text(table, key, *into));
    HALLMARK_CHECK(read_downloads(table, image.max_concurrent_layer_downloads_per_image));
    HALLMARK_CHECK(read_texts(table, "extra_root_certificates", image.extra_root_certificates));
    if (const Toml* registries = table.find("registry_config"))
        HALLMARK_CHECK(parse_registries(*registries, image, unknown));
    if (const Toml* proxy = table.find("image_pull_proxy")) {
        HALLMARK_TRY(image.image_pull_proxy, parse_proxy(*proxy, unknown));
    }
    return image;
}

Status note_unknown(const Toml& table, std::initializer_list<std::string_view> known,
                    std::vector<std::string>& unknown) {
    HALLMARK_CHECK(table.is_table());
    for (const auto& value : table.values())
        if (std::ranges::find(known, value.key()) == known.end()) unknown.push_back(value.where());
    return {};
}

Status read_text(const Toml& table, std::string_view key, std::string& into) {
    if (const Toml* value = table.find(key)) {
        HALLMARK_TRY(into, value->text());
    }
    return {};
}

Status read_boolean(const Toml& table, std::string_view key, bool& into) {
    if (const Toml* value = table.find(key)) {
        HALLMARK_TRY(into, value->boolean());
    }
    return {};
}

Status read_texts(const Toml& table, std::string_view key, std::vector<std::string>& into) {
    const Toml* value = table.find(key);
    if (value == nullptr) return {};
    HALLMARK_TRY(const std::vector<Toml>* elements, value->array());
    for (const auto& element : *elements) {
        HALLMARK_TRY(std::string text, element.text());
        into.push_back(std::move(text));
    }
    return {};
}

}  // namespace hallmark::hub
