// SPDX-License-Identifier: Apache-2.0
#include "common/kbs/messages.hpp"

#include <algorithm>
#include <utility>

#include "common/digest.hpp"
#include "common/jcs.hpp"
#include "common/jose/jwe.hpp"
#include "common/json_bytes.hpp"

namespace hallmark::kbs {
namespace {

constexpr std::size_t kLongestNonce = 1024;  // 44 characters for 32 bytes
constexpr std::size_t kLongestCookie = 256;
constexpr std::size_t kLongestToken = 128 * 1024;
constexpr std::size_t kLongestPath = 3 * 255 + 2;
constexpr std::string_view kHash = "sha384";
constexpr std::string_view kSessionCookie = "kbs-session-id";
constexpr std::string_view kAdditionalEvidence;  // of devices beside the TEE: none

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

bool all_of(std::string_view text, std::string_view besides) {
    return std::ranges::all_of(
        text, [besides](char c) { return is_letter_or_digit(c) || besides.find(c) != std::string_view::npos; });
}

bool same_letters(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

/// Other members are for newer clients.
Result<Json> object_of(std::string_view body, std::string_view what, std::size_t limit) {
    if (body.size() > limit)
        return bad_input(std::string(what) + ": " + std::to_string(body.size()) + " bytes, expected at most " +
                         std::to_string(limit));
    HALLMARK_TRY(Json json, parse_json(body, what));
    HALLMARK_CHECK(JsonObject::of(json, std::string(what)));
    return json;
}

Status check_hash(const Json& answer) {
    const auto params = answer.find("extra-params");
    if (params == answer.end() || !params->is_object()) return {};
    const auto hash = params->find("selected-hash-algorithm");
    if (hash == params->end()) return {};
    if (hash->is_string() && same_letters(hash->get_ref<const std::string&>(), kHash)) return {};
    return bad_input("answer to auth: selected-hash-algorithm: found another, expected sha384, which was offered");
}

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
    while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
    return text;
}

}  // namespace

std::string auth_request(std::string_view tee, const Version& version) {
    Json json;
    json["version"] = version.number;
    json["tee"] = tee;
    json["extra-params"]["supported-hash-algorithms"] = Json::array({kHash});
    return json.dump();
}

Result<std::string> parse_challenge(std::string_view body) {
    HALLMARK_TRY(const Json json, object_of(body, "answer to auth", kLargestChallenge));
    HALLMARK_TRY(const auto object, JsonObject::of(json, "answer to auth:"));
    HALLMARK_TRY(std::string nonce, object.string("nonce"));
    if (nonce.empty() || nonce.size() > kLongestNonce || !all_of(nonce, "+/=-_"))
        return bad_input(object.path_of("nonce") + ": " + std::to_string(nonce.size()) +
                         " characters, expected base64 of 1 to " + std::to_string(kLongestNonce));
    HALLMARK_CHECK(check_hash(json));
    return nonce;
}

Result<ReportData> report_data_of(std::string_view nonce, const jose::Jwk& tee_pubkey, const Version& version) {
    Json bound;
    if (version.additional_in_report_data) bound["additional-evidence"] = kAdditionalEvidence;
    bound["nonce"] = nonce;
    bound["tee-pubkey"] = tee_pubkey.json();
    HALLMARK_TRY(const std::string text, canonical(bound));
    ReportData data{};
    std::ranges::copy(sha384(as_bytes(std::string_view(text))), data.begin());
    return data;
}

std::string attest_request(std::string_view nonce, const jose::Jwk& tee_pubkey, Json evidence,
                           const std::optional<std::string>& init_data, const Version& version) {
    Json json;
    if (version.runtime_data) {
        json["init-data"] = init_data ? Json{{"format", "toml"}, {"body", *init_data}} : Json();
        json["runtime-data"]["nonce"] = nonce;
        json["runtime-data"]["tee-pubkey"] = tee_pubkey.json();
    } else {
        json["tee-pubkey"] = tee_pubkey.json();
    }
    if (version.composite_evidence) {
        json["tee-evidence"]["primary_evidence"] = std::move(evidence);
        json["tee-evidence"]["additional_evidence"] = kAdditionalEvidence;
    } else {
        json["tee-evidence"] = std::move(evidence);
    }
    return text_with_bytes(json);
}

Result<std::string> parse_token(std::string_view body) {
    HALLMARK_TRY(const Json json, object_of(body, "answer to attest", kLargestTokenAnswer));
    HALLMARK_TRY(const auto object, JsonObject::of(json, "answer to attest:"));
    HALLMARK_TRY(std::string token, object.string("token"));
    HALLMARK_CHECK(check_token(token, object.path_of("token")));
    return token;
}

Status check_token(std::string_view token, const std::string& where) {
    if (token.size() <= kLongestToken && all_of(token, "-_.") && std::ranges::count(token, '.') == 2) return {};
    return bad_input(where + ": " + std::to_string(token.size()) + " characters that are no signed token of at most " +
                     std::to_string(kLongestToken));
}

Result<std::optional<std::string>> session_cookie_of(std::span<const std::string> set_cookies) {
    std::optional<std::string> found;
    for (const std::string_view cookie : set_cookies) {
        const auto pair = trimmed(cookie.substr(0, cookie.find(';')));
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos || pair.substr(0, equals) != kSessionCookie) continue;
        const auto value = pair.substr(equals + 1);
        if (value.empty() || value.size() > kLongestCookie || !all_of(value, "-_.+/=~"))
            return bad_input("Set-Cookie: kbs-session-id: " + std::to_string(value.size()) +
                             " characters, expected 1 to " + std::to_string(kLongestCookie) +
                             " that a cookie may have");
        if (found && *found != pair) return bad_input("Set-Cookie: kbs-session-id is set twice, to different values");
        found = std::string(pair);
    }
    return found;
}

Result<Secret> open_resource(std::string_view body, const jose::KeyPair& key) {
    HALLMARK_TRY(const Json json, object_of(body, "resource", kLargestResource));
    return jose::decrypt(json, key);
}

Status check_resource_path(std::string_view path) {
    // No segment begins with a dot, so that none is ".." either.
    const bool is_path = path.size() <= kLongestPath && all_of(path, "-_./") && std::ranges::count(path, '/') == 2 &&
                         !path.starts_with('/') && !path.ends_with('/') && !path.starts_with('.') &&
                         path.find("//") == std::string_view::npos && path.find("/.") == std::string_view::npos;
    if (is_path) return {};
    return bad_input("resource path: expected REPOSITORY/TYPE/TAG of letters, digits, '_', '-' and '.', no '.' first");
}

}  // namespace hallmark::kbs
