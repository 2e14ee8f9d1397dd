// SPDX-License-Identifier: Apache-2.0
#include "agent/registry/registries_conf.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "agent/oci/text.hpp"

namespace hallmark::registry {
namespace {

constexpr std::size_t kLargest = 1024 * 1024;
constexpr std::string_view kWildcard = "*.";

Result<std::string> text_at(const Toml& table, std::string_view key) {
    const Toml* value = table.find(key);
    if (value == nullptr) return std::string();
    return value->text();
}

Result<bool> boolean_at(const Toml& table, std::string_view key) {
    const Toml* value = table.find(key);
    if (value == nullptr) return false;
    return value->boolean();
}

/// A registry, or a registry and a repository or the beginning of one; of a prefix also "*." and a domain.
Result<std::string> location_at(const Toml& table, std::string_view key, bool wildcards) {
    HALLMARK_TRY(std::string text, text_at(table, key));
    while (text.ends_with('/')) text.pop_back();
    if (text.empty()) return text;
    const std::string_view whole = text;
    const auto slash = whole.find('/');
    const std::string_view host = whole.substr(0, slash);
    const bool right = slash == std::string_view::npos
                           ? wildcards && host.starts_with(kWildcard)
                                 ? oci::is_registry_host(host.substr(kWildcard.size()))
                                 : oci::is_registry_host(host)
                           : oci::is_registry_host(host) && oci::is_repository(whole.substr(slash + 1));
    if (right) return text;
    return bad_input(table.find(key)->where() + ": found '" + oci::printable(text) +
                     "', expected a host, with or without a port and a path, and without https://");
}

Result<PullFrom> pull_at(const Toml& table, bool digest_only) {
    const Toml* value = table.find("pull-from-mirror");
    if (value == nullptr) return digest_only ? PullFrom::kDigestOnly : PullFrom::kAll;
    if (digest_only) return bad_input(value->where() + ": stands beside mirror-by-digest-only; leave one of them out");
    HALLMARK_TRY(const std::string text, value->text());
    if (text == "all" || text.empty()) return PullFrom::kAll;
    if (text == "digest-only") return PullFrom::kDigestOnly;
    if (text == "tag-only") return PullFrom::kTagOnly;
    return bad_input(value->where() + ": found '" + oci::printable(text) +
                     "', expected 'all', 'digest-only' or 'tag-only'");
}

Result<Mirror> parse_mirror(const Toml& table, bool digest_only) {
    HALLMARK_CHECK(table.is_table());
    HALLMARK_CHECK(table.only({"location", "insecure", "pull-from-mirror"}));
    Mirror mirror;
    HALLMARK_CHECK(table.at("location"));
    HALLMARK_TRY(mirror.location, location_at(table, "location", false));
    if (mirror.location.empty()) return bad_input(table.find("location")->where() + ": empty; expected a host");
    HALLMARK_TRY(mirror.insecure, boolean_at(table, "insecure"));
    HALLMARK_TRY(mirror.pull, pull_at(table, digest_only));
    return mirror;
}

Result<Registry> parse_registry(const Toml& table) {
    HALLMARK_CHECK(table.is_table());
    HALLMARK_CHECK(table.only({"prefix", "location", "insecure", "blocked", "mirror", "mirror-by-digest-only"}));
    Registry registry;
    HALLMARK_TRY(registry.prefix, location_at(table, "prefix", true));
    HALLMARK_TRY(registry.location, location_at(table, "location", false));
    if (registry.prefix.empty()) registry.prefix = registry.location;
    if (registry.prefix.empty())
        return bad_input(table.where() + ": neither prefix nor location; expected at least one of them");
    HALLMARK_TRY(registry.insecure, boolean_at(table, "insecure"));
    HALLMARK_TRY(registry.blocked, boolean_at(table, "blocked"));
    HALLMARK_TRY(const bool digest_only, boolean_at(table, "mirror-by-digest-only"));
    const Toml* mirrors = table.find("mirror");
    if (mirrors == nullptr) return registry;
    HALLMARK_TRY(const std::vector<Toml>* elements, mirrors->array());
    for (const auto& element : *elements) {
        HALLMARK_TRY(Mirror mirror, parse_mirror(element, digest_only));
        registry.mirrors.push_back(std::move(mirror));
    }
    return registry;
}

Status read_search(const Toml& table, std::vector<std::string>& into) {
    const Toml* search = table.find("unqualified-search-registries");
    if (search == nullptr) return {};
    HALLMARK_TRY(const std::vector<Toml>* elements, search->array());
    for (const auto& element : *elements) {
        HALLMARK_TRY(std::string host, element.text());
        if (!oci::names_registry(host + "/x") || !oci::is_registry_host(host))
            return bad_input(element.where() + ": found '" + oci::printable(host) + "', expected a registry's host");
        into.push_back(std::move(host));
    }
    return {};
}

/// How much of the name the prefix stands for; it ends where a part of the name ends.
std::optional<std::size_t> matched(std::string_view name, std::string_view prefix) {
    const auto ends = [&](std::size_t at) { return at == name.size() || name[at] == '/' || name[at] == ':'; };
    if (!prefix.starts_with(kWildcard)) {
        if (name.starts_with(prefix) && ends(prefix.size())) return prefix.size();
        return std::nullopt;
    }
    const auto domain = prefix.substr(1);  // with its dot
    const auto host = name.substr(0, name.find_first_of(":/"));
    if (host.size() > domain.size() && host.ends_with(domain)) return host.size();
    return std::nullopt;
}

/// The reference with another beginning.
Result<oci::Reference> moved(const oci::Reference& reference, std::string_view location, std::size_t prefix) {
    std::string name = std::string(location) + reference.name().substr(prefix);
    oci::Reference there = reference;
    const auto slash = name.find('/');
    there.registry = name.substr(0, slash);
    there.repository = slash == std::string::npos ? "" : name.substr(slash + 1);
    if (!oci::is_registry_host(there.registry) || !oci::is_repository(there.repository) ||
        name.size() > oci::kLongestName)
        return bad_input(reference.text() + ": registries.conf makes '" + oci::printable(name) +
                         "' of it, which names no repository; correct prefix and location");
    return there;
}

bool is_asked(const Mirror& mirror, const oci::Reference& reference) {
    return mirror.pull == PullFrom::kAll || (mirror.pull == PullFrom::kDigestOnly) == reference.digest.has_value();
}

}  // namespace

Result<RegistriesConf> RegistriesConf::parse(std::string_view text, const std::string& what) {
    HALLMARK_TRY(const Toml table, Toml::parse(text, what, kLargest));
    return parse(table);
}

Result<RegistriesConf> RegistriesConf::parse(const Toml& table) {
    HALLMARK_CHECK(table.is_table());
    // What is about programs with a terminal is passed over; helper programs there are none.
    HALLMARK_CHECK(table.only({"unqualified-search-registries", "registry", "short-name-mode"}));
    RegistriesConf conf;
    HALLMARK_CHECK(read_search(table, conf.search_));
    const Toml* registries = table.find("registry");
    if (registries == nullptr) return conf;
    HALLMARK_TRY(const std::vector<Toml>* elements, registries->array());
    for (const auto& element : *elements) {
        HALLMARK_TRY(Registry registry, parse_registry(element));
        if (std::ranges::find(conf.registries_, registry.prefix, &Registry::prefix) != conf.registries_.end())
            return bad_input(element.where() + ": the prefix '" + registry.prefix + "' stands twice");
        conf.registries_.push_back(std::move(registry));
    }
    return conf;
}

Result<std::vector<oci::Reference>> RegistriesConf::candidates(std::string_view name) const {
    std::vector<oci::Reference> references;
    if (oci::names_registry(name) || search_.empty()) {
        HALLMARK_TRY(oci::Reference reference, oci::Reference::parse(name));
        references.push_back(std::move(reference));
        return references;
    }
    for (const auto& host : search_) {
        HALLMARK_TRY(oci::Reference reference, oci::Reference::parse(host + "/" + std::string(name)));
        references.push_back(std::move(reference));
    }
    return references;
}

Result<std::vector<Endpoint>> RegistriesConf::endpoints(const oci::Reference& reference) const {
    const std::string name = reference.name();
    const Registry* best = nullptr;
    for (const auto& registry : registries_)
        if (matched(name, registry.prefix) && (best == nullptr || registry.prefix.size() > best->prefix.size()))
            best = &registry;
    std::vector<Endpoint> endpoints;
    if (best == nullptr) {
        endpoints.push_back({.reference = reference});
        return endpoints;
    }
    if (best->blocked)
        return refused(reference.text() + ": registries.conf blocks '" + best->prefix +
                       "'; take the image from elsewhere");
    const std::size_t prefix = matched(name, best->prefix).value_or(0);
    for (const auto& mirror : best->mirrors) {
        if (!is_asked(mirror, reference)) continue;
        HALLMARK_TRY(oci::Reference there, moved(reference, mirror.location, prefix));
        endpoints.push_back({std::move(there), mirror.insecure, true});
    }
    const std::string own = best->location.empty() ? name.substr(0, prefix) : best->location;
    HALLMARK_TRY(oci::Reference there, moved(reference, own, prefix));
    endpoints.push_back({std::move(there), best->insecure, false});
    return endpoints;
}

}  // namespace hallmark::registry
