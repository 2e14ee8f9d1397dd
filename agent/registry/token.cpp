// SPDX-License-Identifier: Apache-2.0
#include "agent/registry/token.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "agent/oci/text.hpp"
#include "common/http/url.hpp"
#include "common/json.hpp"
#include "common/text.hpp"

namespace hallmark::registry {
namespace {

constexpr std::size_t kLongestToken = 32 * 1024;  // a header of 64 KiB is the most that a server might take
constexpr std::chrono::seconds kLongestLife{24 * 3600};
constexpr std::chrono::seconds kMargin{5};  // it should hold until it has arrived
constexpr std::size_t kMostEntries = 1024;

/// RFC 6750, section 2.1: b64token.
bool is_token(std::string_view text) {
    return !text.empty() && text.size() <= kLongestToken && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("-._~+/=").find(c) != std::string_view::npos;
    });
}

void ask_by_refresh(http::Request& request, const std::string& query, const Login& login) {
    std::string token = http::escaped(text_of(login.identity_token.bytes()));
    const std::string form = "grant_type=refresh_token&client_id=hallmark&" + query + "&refresh_token=";
    request.method = "POST";
    request.headers = {"Content-Type: application/x-www-form-urlencoded"};
    request.body.reserve(form.size() + token.size());
    append(request.body, as_bytes(form));
    append(request.body, as_bytes(token));
    wipe(token);
}

}  // namespace

Result<http::Request> token_request(const Challenge& challenge, std::string_view repository, const Login* login) {
    const auto realm = challenge.parameters.find("realm");
    if (realm == challenge.parameters.end())
        return bad_input("WWW-Authenticate: a Bearer challenge without realm, the address of the token server");
    auto url = http::Url::parse(realm->second);
    if (!url) return std::unexpected(url.error().at("WWW-Authenticate: realm"));
    std::string query = "scope=" + http::escaped("repository:" + std::string(repository) + ":pull");
    if (const auto service = challenge.parameters.find("service"); service != challenge.parameters.end())
        query = "service=" + http::escaped(service->second) + "&" + query;
    http::Request request;
    request.url = url->text;
    if (login != nullptr && !login->identity_token.bytes().empty()) {
        ask_by_refresh(request, query, *login);
        return request;
    }
    request.url += (url->text.find('?') == std::string::npos ? "?" : "&") + query;
    if (login != nullptr) request.headers.push_back(login->basic());
    return request;
}

Result<Token> parse_token(ByteSpan body, const std::string& what) {
    HALLMARK_TRY(const Json json, parse_json(text_of(body), what));
    HALLMARK_TRY(const JsonObject object, JsonObject::of(json, what));
    const std::string key = object.has("token") ? "token" : "access_token";
    HALLMARK_TRY(std::string text, object.string(key));
    Token token;
    token.value = Secret(Bytes(text.begin(), text.end()));
    const bool right = is_token(text);
    wipe(text);
    if (!right) return bad_input(object.path_of(key) + ": expected a token (RFC 6750, section 2.1)");
    if (object.has("expires_in")) {
        HALLMARK_TRY(const std::uint64_t seconds, object.number("expires_in"));
        token.life = std::chrono::seconds(std::min<std::uint64_t>(seconds, kLongestLife.count()));
    }
    return token;
}

std::string TokenCache::header(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end() || found->second.until <= std::chrono::steady_clock::now()) return {};
    std::string header = "Authorization: Bearer ";
    header.reserve(header.size() + found->second.value.bytes().size());
    header += text_of(found->second.value.bytes());
    return header;
}

void TokenCache::keep(const std::string& key, Token token) {
    const auto until = std::chrono::steady_clock::now() + token.life - kMargin;
    const std::lock_guard lock(mutex_);
    if (entries_.size() >= kMostEntries) entries_.clear();
    entries_.insert_or_assign(key, Entry{std::move(token.value), until});
}

void TokenCache::forget(const std::string& key) {
    const std::lock_guard lock(mutex_);
    entries_.erase(key);
}

}  // namespace hallmark::registry
