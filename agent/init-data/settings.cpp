// SPDX-License-Identifier: Apache-2.0
#include "agent/init-data/settings.hpp"

#include <algorithm>

#include "common/formats/guest_port.hpp"
#include "common/toml.hpp"

namespace hallmark::guest {
namespace {

constexpr std::size_t kLargest = 64UL * 1024;
constexpr std::size_t kMostAddresses = 8;
constexpr std::size_t kLongestInterface = 15;  // IFNAMSIZ without its zero byte
constexpr std::int64_t kVersion = 1;
constexpr const char* kName = "hallmark.toml";

/// An array of texts, each read by `parse`; none where there is no such key.
template <class T>
Status read_list(const Toml& table, std::string_view key, Result<T> (*parse)(std::string_view), std::vector<T>& list) {
    const Toml* found = table.find(key);
    if (found == nullptr) return {};
    HALLMARK_TRY(const auto* values, found->array());
    if (values->size() > kMostAddresses)
        return bad_input(found->where() + ": " + std::to_string(values->size()) + " addresses, expected at most " +
                         std::to_string(kMostAddresses));
    for (const Toml& value : *values) {
        HALLMARK_TRY(const std::string text, value.text());
        auto parsed = parse(text);
        if (!parsed) return std::unexpected(parsed.error().at(value.where()));
        list.push_back(std::move(*parsed));
    }
    return {};
}

/// A name that becomes a part of paths below /sys and /proc.
bool is_interface(std::string_view name) {
    return name.size() <= kLongestInterface && name != "." && name != ".." &&
           name.find_first_of("/ :%") == std::string_view::npos;
}

Status read_name(const Toml& table, std::string_view key, std::string& name) {
    const Toml* found = table.find(key);
    if (found == nullptr) return {};
    HALLMARK_TRY(name, found->name());
    return {};
}

Status check_network(const Toml& table, const NetworkSettings& network) {
    if (network.dhcp != network.addresses.empty())
        return bad_input(table.where() + ": expected either dhcp = true or addresses = [\"192.0.2.5/24\"]");
    if (network.dhcp && !network.gateways.empty())
        return bad_input(table.where() + ": gateways beside dhcp = true, which brings its own; leave them out");
    for (const bool v6 : {false, true})
        if (std::ranges::count(network.gateways, v6, &IpAddress::v6) > 1)
            return bad_input(table.where() + ".gateways: two of one family, expected at most one of each");
    if (!network.interface.empty() && !is_interface(network.interface))
        return bad_input(table.where() + ".interface: found '" + network.interface + "', expected a name like eth0");
    return {};
}

Result<NetworkSettings> read_network(const Toml& table) {
    HALLMARK_CHECK(table.is_table());
    HALLMARK_CHECK(table.only(
        {"interface", "dhcp", "addresses", "gateways", "name_servers", "https_proxy", "http_proxy", "no_proxy"}));
    NetworkSettings network;
    HALLMARK_CHECK(read_name(table, "interface", network.interface));
    if (const Toml* dhcp = table.find("dhcp")) {
        HALLMARK_TRY(network.dhcp, dhcp->boolean());
    }
    HALLMARK_CHECK(read_list(table, "addresses", parse_subnet, network.addresses));
    HALLMARK_CHECK(read_list(table, "gateways", parse_address, network.gateways));
    HALLMARK_CHECK(read_list(table, "name_servers", parse_address, network.name_servers));
    HALLMARK_CHECK(read_name(table, "https_proxy", network.https_proxy));
    HALLMARK_CHECK(read_name(table, "http_proxy", network.http_proxy));
    HALLMARK_CHECK(read_name(table, "no_proxy", network.no_proxy));
    HALLMARK_CHECK(check_network(table, network));
    return network;
}

Result<std::string> read_secret(const Toml& table) {
    HALLMARK_CHECK(table.is_table());
    HALLMARK_CHECK(table.only({"resource"}));
    HALLMARK_TRY(const Toml* resource, table.at("resource"));
    HALLMARK_TRY(std::string uri, resource->name());
    if (!uri.starts_with("kbs"))
        return bad_input(resource->where() + ": found '" + uri + "', expected a URI like kbs:///default/key/one");
    return uri;
}

}  // namespace

Result<Settings> parse_settings(std::string_view text) {
    HALLMARK_TRY(const Toml document, Toml::parse(text, kName, kLargest));
    HALLMARK_CHECK(document.only({"version", "network", "secret", "pod"}));
    HALLMARK_TRY(const Toml* version, document.at("version"));
    HALLMARK_TRY(const std::int64_t number, version->integer());
    if (number != kVersion)
        return bad_input(version->where() + ": found " + std::to_string(number) + ", expected " +
                         std::to_string(kVersion));
    Settings settings;
    if (const Toml* network = document.find("network")) {
        HALLMARK_TRY(settings.network, read_network(*network));
    }
    if (const Toml* pod = document.find("pod")) {
        HALLMARK_TRY(settings.pod, read_pod(*pod));
    }
    const Toml* secrets = document.find("secret");
    if (secrets == nullptr) return settings;
    HALLMARK_TRY(const auto* list, secrets->array());
    if (list->size() > guest_port::kMostSecrets)
        return bad_input(secrets->where() + ": " + std::to_string(list->size()) + " secrets, expected at most " +
                         std::to_string(guest_port::kMostSecrets));
    for (const Toml& secret : *list) {
        HALLMARK_TRY(settings.secrets.emplace_back(), read_secret(secret));
    }
    return settings;
}

}  // namespace hallmark::guest
