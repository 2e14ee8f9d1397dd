// SPDX-License-Identifier: Apache-2.0
#include "agent/data-hub/config.hpp"

#include <utility>

#include "agent/daemon/config_tables.hpp"
#include "agent/kernel_file.hpp"
#include "common/toml.hpp"

namespace hallmark::hub {
namespace {

using guest::note_unknown;
using guest::read_boolean;
using guest::read_text;

constexpr std::size_t kLargestConfig = 1024 * 1024;
constexpr std::size_t kMostCredentials = 256;

Result<KbcConfig> parse_kbc(const Toml& table, std::vector<std::string>& unknown) {
    HALLMARK_CHECK(note_unknown(table, {"name", "url", "kbs_cert"}, unknown));
    KbcConfig kbc;
    HALLMARK_TRY(const Toml* name, table.at("name"));
    HALLMARK_TRY(kbc.name, name->text());
    HALLMARK_CHECK(read_text(table, "url", kbc.url));
    HALLMARK_CHECK(read_text(table, "kbs_cert", kbc.certificate));
    if (kbc.name != "cc_kbc" && kbc.name != "offline_fs_kbc")
        return bad_input(name->where() + ": found another source of secrets, expected cc_kbc or offline_fs_kbc");
    if (kbc.name == "cc_kbc" && kbc.url.empty())
        return bad_input(table.where() + ": cc_kbc without a url, expected the broker's: https://HOST[:PORT]");
    return kbc;
}

Status parse_credentials(const Toml& list, Config& config) {
    HALLMARK_TRY(const std::vector<Toml>* elements, list.array());
    if (elements->size() > kMostCredentials)
        return bad_input(list.where() + ": " + std::to_string(elements->size()) + " of them, expected at most " +
                         std::to_string(kMostCredentials));
    for (const auto& element : *elements) {
        HALLMARK_CHECK(note_unknown(element, {"path", "resource_uri"}, config.unknown_keys));
        HALLMARK_TRY(const Toml* path, element.at("path"));
        HALLMARK_TRY(const Toml* uri, element.at("resource_uri"));
        Credential credential;
        HALLMARK_TRY(credential.path, path->text());
        HALLMARK_TRY(credential.resource_uri, uri->text());
        config.credentials.push_back(std::move(credential));
    }
    return {};
}

Result<Config> parse_document(const Toml& document) {
    Config config;
    HALLMARK_CHECK(note_unknown(
        document, {"socket", "aa", "kbc", "credentials", "image", "log", "skip_sealed_secret_verification"},
        config.unknown_keys));
    HALLMARK_CHECK(read_text(document, "socket", config.socket));
    HALLMARK_TRY(const Toml* kbc, document.at("kbc"));
    HALLMARK_TRY(config.kbc, parse_kbc(*kbc, config.unknown_keys));
    if (const Toml* aa = document.find("aa")) {
        HALLMARK_CHECK(note_unknown(*aa, {"aa_socket"}, config.unknown_keys));
        HALLMARK_CHECK(read_text(*aa, "aa_socket", config.aa_socket));
    }
    if (const Toml* credentials = document.find("credentials")) HALLMARK_CHECK(parse_credentials(*credentials, config));
    if (const Toml* image = document.find("image")) {
        HALLMARK_TRY(config.image, image_puller::parse_config(*image, config.unknown_keys));
    }
    if (const Toml* log = document.find("log")) {
        HALLMARK_CHECK(note_unknown(*log, {"level"}, config.unknown_keys));
        HALLMARK_CHECK(read_text(*log, "level", config.log_level));
    }
    HALLMARK_CHECK(read_boolean(document, "skip_sealed_secret_verification", config.skip_sealed_secret_verification));
    return config;
}

/// "cc_kbc::https://kbs.example:8080", "offline_fs_kbc::null"
Status read_params(std::string_view params, const std::string& where, KbcConfig& kbc) {
    const auto end = params.find("::");
    const auto name = params.substr(0, end);
    if (end == std::string_view::npos || (name != "cc_kbc" && name != "offline_fs_kbc"))
        return bad_input(where + ": expected cc_kbc::URL or offline_fs_kbc::null");
    kbc.name = name;
    kbc.url = name == "cc_kbc" ? params.substr(end + 2) : "";
    return {};
}

/// URI::PATH,URI::PATH…
Status add_credentials(std::string_view list, Config& config) {
    while (!list.empty()) {
        const auto end = list.find(',');
        const auto one = list.substr(0, end);
        list = end == std::string_view::npos ? "" : list.substr(end + 1);
        if (one.empty()) continue;
        const auto middle = one.find("::");
        if (middle == std::string_view::npos)
            return bad_input("kernel command line: cdh.kbs_resources: expected URI::PATH,URI::PATH…");
        config.credentials.push_back(
            {.resource_uri = std::string(one.substr(0, middle)), .path = std::string(one.substr(middle + 2))});
    }
    return {};
}

}  // namespace

Result<Config> parse_config(std::string_view text, const std::string& what) {
    HALLMARK_TRY(const Toml document, guest::read_document(text, what, kLargestConfig));
    return parse_document(document);
}

Status apply_surroundings(Config& config, bool from_file, const Surroundings& surroundings) {
    const auto params = surroundings.variable("AA_KBC_PARAMS");
    const auto measured = guest::kernel_parameter(surroundings.command_line, "agent.aa_kbc_params");
    if (params)
        HALLMARK_CHECK(read_params(*params, "AA_KBC_PARAMS", config.kbc));
    else if (!from_file && measured)
        HALLMARK_CHECK(read_params(*measured, "kernel command line: agent.aa_kbc_params", config.kbc));
    if (const auto socket = surroundings.variable("AA_SOCKET")) config.aa_socket = *socket;
    if (const auto certificate = surroundings.variable("KBS_CERT"); certificate && config.kbc.certificate.empty())
        config.kbc.certificate = *certificate;
    if (surroundings.variable("SKIP_SEALED_SECRET_VERIFICATION") == "true")
        config.skip_sealed_secret_verification = true;
    HALLMARK_CHECK(image_puller::apply_command_line(config.image, surroundings.command_line));
    return add_credentials(guest::kernel_parameter(surroundings.command_line, "cdh.kbs_resources").value_or(""),
                           config);
}

}  // namespace hallmark::hub
