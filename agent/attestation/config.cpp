// SPDX-License-Identifier: Apache-2.0
#include "agent/attestation/config.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "agent/daemon/config_tables.hpp"
#include "agent/kernel_file.hpp"
#include "common/toml.hpp"

namespace hallmark::attestation {
namespace {

using guest::note_unknown;
using guest::read_boolean;
using guest::read_text;

constexpr std::size_t kLongestUrl = 2048;
constexpr std::int64_t kHighestPcr = 23;
constexpr std::string_view kParameter = "agent.aa_kbc_params";

std::unexpected<Error> expected(const Toml& value, const std::string& what) {
    return bad_input(value.where() + ": expected " + what);
}

bool is_url(std::string_view url) {
    const bool has_scheme = url.starts_with("https://") || url.starts_with("http://");
    return has_scheme && url.size() <= kLongestUrl &&
           std::ranges::all_of(url, [](char c) { return c > ' ' && c <= '~'; });
}

Status read_url(const Toml& table, std::string_view key, std::string& into) {
    HALLMARK_CHECK(read_text(table, key, into));
    if (into.empty() || is_url(into)) return {};
    return expected(*table.find(key), "https://HOST[:PORT] or http://HOST[:PORT]");
}

Status read_kbs(const Toml& table, Config& config) {
    HALLMARK_CHECK(note_unknown(table, {"url", "cert", "tee_key_algorithm"}, config.unknown_keys));
    HALLMARK_CHECK(read_url(table, "url", config.kbs_url));
    HALLMARK_CHECK(read_text(table, "cert", config.kbs_certificate_pem));
    if (!config.kbs_certificate_pem.empty() &&
        config.kbs_certificate_pem.find("-----BEGIN CERTIFICATE-----") == std::string::npos)
        return expected(*table.find("cert"), "the certificate itself, in PEM (-----BEGIN CERTIFICATE-----)");
    std::string algorithm;
    HALLMARK_CHECK(read_text(table, "tee_key_algorithm", algorithm));
    if (algorithm.empty()) return {};
    const auto kind = jose::parse_key_kind(algorithm);
    if (!kind) return expected(*table.find("tee_key_algorithm"), "one that is known: " + kind.error().message);
    config.tee_key = *kind;
    return {};
}

Status read_service(const Toml& table, Config& config) {
    HALLMARK_CHECK(note_unknown(table, {"url"}, config.unknown_keys));
    return read_url(table, "url", config.coco_as_url);
}

Status read_tokens(const Toml& table, Config& config) {
    HALLMARK_CHECK(note_unknown(table, {"kbs", "coco_as"}, config.unknown_keys));
    if (const Toml* kbs = table.find("kbs")) HALLMARK_CHECK(read_kbs(*kbs, config));
    if (const Toml* service = table.find("coco_as")) HALLMARK_CHECK(read_service(*service, config));
    return {};
}

Status read_events(const Toml& table, Config& config) {
    HALLMARK_CHECK(note_unknown(table, {"init_pcr", "enable_eventlog"}, config.unknown_keys));
    HALLMARK_CHECK(read_boolean(table, "enable_eventlog", config.enable_eventlog));
    const Toml* pcr = table.find("init_pcr");
    if (pcr == nullptr) return {};
    const auto number = pcr->integer();
    if (!number || *number < 0 || *number > kHighestPcr)
        return expected(*pcr, "a register from 0 to " + std::to_string(kHighestPcr));
    config.init_pcr = static_cast<std::uint32_t>(*number);
    return {};
}

Status read_log(const Toml& table, Config& config) {
    HALLMARK_CHECK(note_unknown(table, {"level"}, config.unknown_keys));
    std::string level;
    HALLMARK_CHECK(read_text(table, "level", level));
    constexpr std::array<std::pair<std::string_view, LogLevel>, 6> kLevels{{{"off", LogLevel::kOff},
                                                                            {"error", LogLevel::kError},
                                                                            {"warn", LogLevel::kWarn},
                                                                            {"info", LogLevel::kInfo},
                                                                            {"debug", LogLevel::kInfo},
                                                                            {"trace", LogLevel::kInfo}}};
    if (level.empty()) return {};
    const auto* const found = std::ranges::find(kLevels, level, &std::pair<std::string_view, LogLevel>::first);
    if (found == kLevels.end()) return expected(*table.find("level"), "off, error, warn, info, debug or trace");
    config.log_level = found->second;
    return {};
}

Status read_protocol(const Toml& table, Config& config) {
    std::string version;
    HALLMARK_CHECK(read_text(table, "kbs_protocol", version));
    if (version.empty()) return {};
    config.kbs_protocol = kbs::find_version(version);
    if (config.kbs_protocol != nullptr) return {};
    std::string known;
    for (const auto& one : kbs::kVersions) known += (known.empty() ? "" : " or ") + std::string(one.number);
    return expected(*table.find("kbs_protocol"), known);
}

Status read_ours(const Toml& table, Config& config) {
    HALLMARK_CHECK(note_unknown(table, {"bind_eventlog", "evidence", "kbs_protocol"}, config.unknown_keys));
    HALLMARK_CHECK(read_boolean(table, "bind_eventlog", config.bind_eventlog));
    std::string evidence;
    HALLMARK_CHECK(read_text(table, "evidence", evidence));
    if (!evidence.empty() && evidence != "sample")
        return expected(*table.find("evidence"), "'sample', or nothing for what the processor vouches for");
    config.sample_evidence = !evidence.empty();
    return read_protocol(table, config);
}

struct Part {
    std::string_view name;
    Status (*read)(const Toml&, Config&);
};
constexpr std::array<Part, 4> kParts{{
    {"token_configs", read_tokens},
    {"eventlog_config", read_events},
    {"log", read_log},
    {"hallmark", read_ours},
}};

}  // namespace

Result<Config> parse_config(std::string_view text, const std::string& what) {
    HALLMARK_TRY(const Toml document, guest::read_document(text, what, kLargestConfig));
    Config config;
    HALLMARK_CHECK(
        note_unknown(document, {"token_configs", "eventlog_config", "log", "hallmark"}, config.unknown_keys));
    for (const auto& part : kParts)
        if (const Toml* table = document.find(part.name)) HALLMARK_CHECK(part.read(*table, config));
    return config;
}

Result<std::optional<std::string>> kbs_url_of(std::string_view aa_kbc_params, std::string_view command_line) {
    const bool from_environment = !aa_kbc_params.empty();
    const auto value =
        from_environment ? aa_kbc_params : guest::kernel_parameter(command_line, kParameter).value_or("");
    const std::string where(from_environment ? "AA_KBC_PARAMS" : kParameter);
    if (value.empty()) return std::nullopt;
    const auto colons = value.find("::");
    if (colons == std::string_view::npos)
        return bad_input(where + ": '" + std::string(value) + "', expected cc_kbc::URL");
    if (value.substr(0, colons) != "cc_kbc") return std::nullopt;
    std::string url(value.substr(colons + 2));
    if (!is_url(url)) return bad_input(where + ": '" + std::string(value) + "', expected cc_kbc::https://HOST[:PORT]");
    return url;
}

}  // namespace hallmark::attestation
