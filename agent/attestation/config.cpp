// SPDX-License-Identifier: Apache-2.0
#include "agent/attestation/config.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <limits>
#include <utility>

#include "common/json.hpp"
#include "common/toml.hpp"
#include "common/toml_json.hpp"

namespace hallmark::attestation {
namespace {

constexpr std::size_t kLongestUrl = 2048;
constexpr std::uint64_t kHighestPcr = 23;
constexpr std::string_view kParameter = "agent.aa_kbc_params=";

/// Both forms of the file are read as one.
Result<Json> document_of(std::string_view text, const std::string& what) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first != std::string_view::npos && text[first] == '{') return parse_json(text, what);
    HALLMARK_TRY(const Toml toml, Toml::parse(text, what, kLargestConfig));
    return json_of(toml);
}

/// One table of the document, whose keys may all be missing.
class Table {
public:
    Table(const Json& json, std::string path, const std::string& what, Config& config)
        : json_(json), path_(std::move(path)), what_(what), config_(config) {}

    /// Warns of every key that is not listed.
    void expect(std::initializer_list<std::string_view> keys) const {
        for (const auto& [key, value] : json_.items())
            if (std::ranges::find(keys, key) == keys.end())
                config_.warnings.push_back(what_ + ": " + path_of(key) + " means nothing here, and is passed over");
    }
    Result<Table> table(std::string_view key) const {
        static const Json kNone = Json::object();
        const Json* found = find(key);
        if (found == nullptr) return Table(kNone, path_of(key), what_, config_);
        if (!found->is_object()) return expected(key, "a table");
        return Table(*found, path_of(key), what_, config_);
    }
    Status text(std::string_view key, std::string& into) const {
        const Json* found = find(key);
        if (found == nullptr) return {};
        if (!found->is_string()) return expected(key, "a text");
        into = found->get<std::string>();
        return {};
    }
    Status boolean(std::string_view key, bool& into) const {
        const Json* found = find(key);
        if (found == nullptr) return {};
        if (!found->is_boolean()) return expected(key, "true or false");
        into = found->get<bool>();
        return {};
    }
    Status pcr(std::string_view key, std::uint32_t& into) const {
        const Json* found = find(key);
        if (found == nullptr) return {};
        // Of TOML they are signed.
        if (!found->is_number_integer() || found->get<std::int64_t>() < 0 ||
            static_cast<std::uint64_t>(found->get<std::int64_t>()) > kHighestPcr)
            return expected(key, "a register from 0 to " + std::to_string(kHighestPcr));
        into = static_cast<std::uint32_t>(found->get<std::int64_t>());
        return {};
    }
    [[nodiscard]] std::unexpected<Error> expected(std::string_view key, const std::string& what) const {
        return bad_input(what_ + ": " + path_of(key) + ": expected " + what);
    }

private:
    [[nodiscard]] const Json* find(std::string_view key) const {
        const auto found = json_.find(key);
        return found == json_.end() || found->is_null() ? nullptr : &*found;
    }
    [[nodiscard]] std::string path_of(std::string_view key) const {
        return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
    }

    const Json& json_;  // of the document, which outlives this
    std::string path_;
    const std::string& what_;
    Config& config_;
};

bool is_url(std::string_view url) {
    const bool has_scheme = url.starts_with("https://") || url.starts_with("http://");
    return has_scheme && url.size() <= kLongestUrl &&
           std::ranges::all_of(url, [](char c) { return c > ' ' && c <= '~'; });
}

Status read_url(const Table& table, std::string_view key, std::string& into) {
    HALLMARK_CHECK(table.text(key, into));
    if (into.empty() || is_url(into)) return {};
    return table.expected(key, "https://HOST[:PORT] or http://HOST[:PORT]");
}

Status read_kbs(const Table& table, Config& config) {
    table.expect({"url", "cert", "tee_key_algorithm"});
    HALLMARK_CHECK(read_url(table, "url", config.kbs_url));
    HALLMARK_CHECK(table.text("cert", config.kbs_certificate_pem));
    if (!config.kbs_certificate_pem.empty() &&
        config.kbs_certificate_pem.find("-----BEGIN CERTIFICATE-----") == std::string::npos)
        return table.expected("cert", "the certificate itself, in PEM (-----BEGIN CERTIFICATE-----)");
    std::string algorithm;
    HALLMARK_CHECK(table.text("tee_key_algorithm", algorithm));
    if (algorithm.empty()) return {};
    const auto kind = jose::parse_key_kind(algorithm);
    if (!kind) return table.expected("tee_key_algorithm", "one that is known: " + kind.error().message);
    config.tee_key = *kind;
    return {};
}

Status read_log(const Table& table, Config& config) {
    table.expect({"level"});
    std::string level;
    HALLMARK_CHECK(table.text("level", level));
    constexpr std::array<std::pair<std::string_view, LogLevel>, 6> kLevels{{{"off", LogLevel::kOff},
                                                                            {"error", LogLevel::kError},
                                                                            {"warn", LogLevel::kWarn},
                                                                            {"info", LogLevel::kInfo},
                                                                            {"debug", LogLevel::kInfo},
                                                                            {"trace", LogLevel::kInfo}}};
    if (level.empty()) return {};
    const auto* const found = std::ranges::find(kLevels, level, &std::pair<std::string_view, LogLevel>::first);
    if (found == kLevels.end()) return table.expected("level", "off, error, warn, info, debug or trace");
    config.log_level = found->second;
    return {};
}

Status read_ours(const Table& table, Config& config) {
    table.expect({"bind_eventlog", "evidence", "kbs_protocol"});
    HALLMARK_CHECK(table.boolean("bind_eventlog", config.bind_eventlog));
    std::string evidence;
    HALLMARK_CHECK(table.text("evidence", evidence));
    if (!evidence.empty() && evidence != "sample")
        return table.expected("evidence", "'sample', or nothing for what the processor vouches for");
    config.sample_evidence = !evidence.empty();
    std::string version;
    HALLMARK_CHECK(table.text("kbs_protocol", version));
    if (version.empty()) return {};
    config.kbs_protocol = kbs::find_version(version);
    if (config.kbs_protocol != nullptr) return {};
    std::string known;
    for (const auto& one : kbs::kVersions) known += (known.empty() ? "" : " or ") + std::string(one.number);
    return table.expected("kbs_protocol", known);
}

Status read_all(const Table& top, Config& config) {
    top.expect({"token_configs", "eventlog_config", "log", "hallmark"});
    HALLMARK_TRY(const Table tokens, top.table("token_configs"));
    tokens.expect({"kbs", "coco_as"});
    HALLMARK_TRY(const Table kbs, tokens.table("kbs"));
    HALLMARK_CHECK(read_kbs(kbs, config));
    HALLMARK_TRY(const Table service, tokens.table("coco_as"));
    service.expect({"url"});
    HALLMARK_CHECK(read_url(service, "url", config.coco_as_url));
    HALLMARK_TRY(const Table events, top.table("eventlog_config"));
    events.expect({"init_pcr", "enable_eventlog"});
    HALLMARK_CHECK(events.pcr("init_pcr", config.init_pcr));
    HALLMARK_CHECK(events.boolean("enable_eventlog", config.enable_eventlog));
    HALLMARK_TRY(const Table log, top.table("log"));
    HALLMARK_CHECK(read_log(log, config));
    HALLMARK_TRY(const Table ours, top.table("hallmark"));
    return read_ours(ours, config);
}

/// The word of the command line that begins with the parameter's name, without it.
std::string_view word_of(std::string_view line) {
    while (!line.empty()) {
        const auto end = std::min(line.find_first_of(" \t\r\n"), line.size());
        const auto word = line.substr(0, end);
        if (word.starts_with(kParameter)) return word.substr(kParameter.size());
        line.remove_prefix(std::min(end + 1, line.size()));
    }
    return {};
}

}  // namespace

Result<Config> parse_config(std::string_view text, const std::string& what) {
    if (text.size() > kLargestConfig)
        return bad_input(what + ": " + std::to_string(text.size()) + " bytes, expected at most " +
                         std::to_string(kLargestConfig));
    HALLMARK_TRY(const Json json, document_of(text, what));
    if (!json.is_object()) return bad_input(what + ": expected a table");
    Config config;
    HALLMARK_CHECK(read_all(Table(json, "", what, config), config));
    return config;
}

Result<std::optional<std::string>> kbs_url_of(std::string_view aa_kbc_params, std::string_view command_line) {
    const bool from_environment = !aa_kbc_params.empty();
    const auto value = from_environment ? aa_kbc_params : word_of(command_line);
    const std::string where = from_environment ? "AA_KBC_PARAMS" : "agent.aa_kbc_params";
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
