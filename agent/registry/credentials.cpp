// SPDX-License-Identifier: Apache-2.0
#include "agent/registry/credentials.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <utility>

#include "agent/oci/text.hpp"
#include "common/base64.hpp"
#include "common/json.hpp"

namespace hallmark::registry {
namespace {

constexpr std::size_t kLargest = 1024 * 1024;
constexpr std::string_view kWildcard = "*.";

/// Texts of a document that held secrets.
void wipe_texts(Json& json) {
    if (json.is_string()) {
        wipe(json.get_ref<std::string&>());
        return;
    }
    if (!json.is_structured()) return;
    for (auto& element : json) wipe_texts(element);
}

/// Docker writes "https://index.docker.io/v1/" for docker.io, and so for others.
Result<std::string> normal_key(std::string_view key) {
    std::string_view rest = key;
    bool is_address = false;
    for (const std::string_view scheme : {"https://", "http://"})
        if (rest.starts_with(scheme)) {
            rest.remove_prefix(scheme.size());
            is_address = true;
        }
    while (rest.ends_with('/')) rest.remove_suffix(1);
    if (is_address && (rest.ends_with("/v1") || rest.ends_with("/v2"))) rest.remove_suffix(3);
    const auto slash = rest.find('/');
    std::string host(rest.substr(0, slash));
    const std::string path(slash == std::string_view::npos ? "" : rest.substr(slash + 1));
    const bool wildcard = host.starts_with(kWildcard);
    const std::string_view domain = std::string_view(host).substr(wildcard ? kWildcard.size() : 0);
    if (!oci::is_registry_host(domain) || (!path.empty() && (wildcard || !oci::is_repository(path))))
        return bad_input("found the key '" + oci::printable(key) +
                         "', expected a registry, a registry and a repository, or '*.' and a domain");
    if (host == "index.docker.io" || host == "registry-1.docker.io") host = "docker.io";
    return path.empty() ? host : host + "/" + path;
}

/// Whether there is anything in it.
bool is_used(const Json& json, const char* key) {
    const auto found = json.find(key);
    if (found == json.end() || found->is_null()) return false;
    return found->is_string() ? !found->get_ref<const std::string&>().empty() : !found->empty();
}

Status read_auth(const JsonObject& entry, Login& login) {
    HALLMARK_TRY(std::string text, entry.string("auth"));
    auto bytes = from_base64(text);
    wipe(text);
    const auto refuse = [&] { return bad_input(entry.path_of("auth") + ": expected base64 of 'user:password'"); };
    if (!bytes) return refuse();
    const auto colon = std::ranges::find(*bytes, static_cast<std::uint8_t>(':'));
    const bool right = colon != bytes->end() && std::ranges::find(*bytes, std::uint8_t{0}) == bytes->end();
    if (right) {
        login.user.assign(bytes->begin(), colon);
        login.password = Secret(Bytes(colon + 1, bytes->end()));
    }
    wipe(*bytes);
    if (!right) return refuse();
    return {};
}

Result<Login> parse_login(const JsonObject& entry) {
    Login login;
    if (entry.has("auth")) HALLMARK_CHECK(read_auth(entry, login));
    if (entry.has("identitytoken")) {
        HALLMARK_TRY(std::string token, entry.string("identitytoken"));
        login.identity_token = Secret(Bytes(token.begin(), token.end()));
        wipe(token);
    }
    return login;
}

bool is_empty(const Login& login) {
    return login.user.empty() && login.password.bytes().empty() && login.identity_token.bytes().empty();
}

Result<std::map<std::string, Login, std::less<>>> parse_logins(const Json& json, const std::string& what) {
    std::map<std::string, Login, std::less<>> logins;
    HALLMARK_TRY(const JsonObject document, JsonObject::of(json, what));
    for (const auto* key : {"credHelpers", "credsStore"})
        if (is_used(json, key))
            return bad_input(document.path_of(key) +
                             ": helper programs are not supported; put the credentials "
                             "themselves into 'auths'");
    if (!document.has("auths")) return logins;
    HALLMARK_TRY(const JsonObject auths, document.object("auths"));
    for (const auto& key : auths.keys()) {
        auto name = normal_key(key);
        if (!name) return std::unexpected(name.error().at(auths.where()));
        HALLMARK_TRY(const JsonObject entry, auths.object(key));
        HALLMARK_TRY(Login login, parse_login(entry));
        if (is_empty(login)) continue;  // what Docker leaves behind where a helper has the password
        if (!logins.emplace(*name, std::move(login)).second)
            return bad_input(auths.path_of(key) + ": stands twice, as another way to write " + *name);
    }
    return logins;
}

}  // namespace

std::string Login::basic() const {
    Bytes both(user.begin(), user.end());
    both.reserve(user.size() + 1 + password.bytes().size());  // no copy is left behind
    both.push_back(':');
    append(both, password.bytes());
    std::string encoded = to_base64(both);
    std::string header = "Authorization: Basic " + encoded;
    wipe(both);
    wipe(encoded);
    return header;
}

Result<Credentials> Credentials::parse(std::string_view text, std::string_view what) {
    const std::string name(what);
    if (text.size() > kLargest)
        return bad_input(name + ": " + std::to_string(text.size()) + " bytes, expected at most " +
                         std::to_string(kLargest));
    HALLMARK_TRY(Json json, parse_json(text, name));
    auto logins = parse_logins(json, name);
    wipe_texts(json);
    if (!logins) return std::unexpected(std::move(logins).error());
    Credentials credentials;
    credentials.logins_ = std::move(*logins);
    return credentials;
}

const Login* Credentials::find(const oci::Reference& reference) const {
    for (std::string name = reference.name();; name.resize(name.rfind('/'))) {
        if (const auto found = logins_.find(name); found != logins_.end()) return &found->second;
        if (name.find('/') == std::string::npos) break;
    }
    std::string_view host = reference.registry;
    for (auto dot = host.find('.'); dot != std::string_view::npos; dot = host.find('.')) {
        host.remove_prefix(dot + 1);
        if (const auto found = logins_.find(std::string(kWildcard) + std::string(host)); found != logins_.end())
            return &found->second;
    }
    return nullptr;
}

}  // namespace hallmark::registry
