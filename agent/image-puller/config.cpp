// SPDX-License-Identifier: Apache-2.0
#include "agent/image-puller/config.hpp"

#include <utility>

#include "agent/daemon/config_tables.hpp"
#include "agent/kernel_file.hpp"

namespace hallmark::image_puller {
namespace {

using guest::note_unknown;
using guest::read_text;

constexpr std::int64_t kMostDownloads = 64;

Result<registry::Proxies> parse_proxies(const Toml& table, std::vector<std::string>& unknown) {
    HALLMARK_CHECK(note_unknown(table, {"https_proxy", "http_proxy", "no_proxy"}, unknown));
    registry::Proxies proxies;
    HALLMARK_CHECK(read_text(table, "https_proxy", proxies.https));
    HALLMARK_CHECK(read_text(table, "http_proxy", proxies.http));
    HALLMARK_CHECK(read_text(table, "no_proxy", proxies.exceptions));
    return proxies;
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

Status check_work_dir(const Toml& table, const std::string& folder) {
    if (folder.starts_with('/')) return {};
    return bad_input(table.where() + ": work_dir '" + folder + "', expected an absolute path");
}

}  // namespace

Result<Config> parse_config(const Toml& table, std::vector<std::string>& unknown) {
    HALLMARK_CHECK(note_unknown(
        table,
        {"work_dir", "image_security_policy_uri", "image_security_policy", "sigstore_config_uri", "sigstore_config",
         "authenticated_registry_credentials_uri", "registry_configuration_uri", "registry_config",
         "max_concurrent_layer_downloads_per_image", "image_pull_proxy", "extra_root_certificates"},
        unknown));
    Config config;
    const std::pair<std::string_view, std::string*> texts[] = {
        {"work_dir", &config.work_dir},
        {"image_security_policy_uri", &config.policy_uri},
        {"image_security_policy", &config.policy},
        {"sigstore_config_uri", &config.lookaside_uri},
        {"sigstore_config", &config.lookaside},
        {"authenticated_registry_credentials_uri", &config.credentials_uri},
        {"registry_configuration_uri", &config.registries_uri},
    };
    for (const auto& [key, into] : texts) HALLMARK_CHECK(read_text(table, key, *into));
    HALLMARK_CHECK(check_work_dir(table, config.work_dir));
    HALLMARK_CHECK(read_downloads(table, config.layers_at_once));
    HALLMARK_CHECK(guest::read_texts(table, "extra_root_certificates", config.extra_roots));
    if (const Toml* registries = table.find("registry_config")) {
        HALLMARK_TRY(config.registries, registry::RegistriesConf::parse(*registries));
    }
    if (const Toml* proxies = table.find("image_pull_proxy")) {
        HALLMARK_TRY(config.proxies, parse_proxies(*proxies, unknown));
    }
    return config;
}

Status apply_command_line(Config& config, std::string_view command_line) {
    const std::pair<std::string_view, std::string*> parameters[] = {
        {"agent.https_proxy", &config.proxies.https},    {"agent.http_proxy", &config.proxies.http},
        {"agent.no_proxy", &config.proxies.exceptions},  {"agent.image_registry_auth", &config.credentials_uri},
        {"agent.image_policy_file", &config.policy_uri},
    };
    // A policy of the configuration's own is not replaced by one of the command line.
    const bool has_policy = !config.policy.empty() || !config.policy_uri.empty();
    for (const auto& [name, into] : parameters) {
        if (!into->empty() || (into == &config.policy_uri && has_policy)) continue;
        *into = guest::kernel_parameter(command_line, name).value_or("");
    }
    const auto verify = guest::kernel_parameter(command_line, "agent.enable_signature_verification");
    if (verify && *verify != "true" && *verify != "false")
        return bad_input("kernel command line: agent.enable_signature_verification: expected true or false");
    config.must_have_policy = verify == "true";
    return {};
}

}  // namespace hallmark::image_puller
