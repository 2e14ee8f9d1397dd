// SPDX-License-Identifier: Apache-2.0
// One question to one registry: with TLS, through proxies, with a token or a password where it asks for one, and on to
// where it sends its clients.
// Sources: OCI Distribution Specification 1.1.0; RFC 9110, section 15.4 (redirects).
#pragma once

#include <expected>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/registry/credentials.hpp"
#include "agent/registry/registries_conf.hpp"
#include "agent/registry/sessions.hpp"
#include "agent/registry/token.hpp"
#include "common/http/authorities.hpp"
#include "common/http/client.hpp"
#include "common/http/url.hpp"

namespace hallmark::registry {

inline constexpr int kMostRedirects = 5;

struct Proxies {
    std::string https;       ///< for https://…; empty: none
    std::string http;        ///< for http://…
    std::string exceptions;  ///< as http::Proxy takes them
};

struct Network {
    http::Authorities trusted;  ///< all that are
    Proxies proxies;
};

/// What a question is about.
struct Question {
    const Endpoint& endpoint;
    std::string path;                  ///< "manifests/latest", behind /v2/REPOSITORY/
    std::vector<std::string> headers;  ///< for whoever answers in the end; no credentials
    http::Limits limits;
    http::Sink sink;
    std::string_view base = "/v2/";  ///< in front of the repository
};

/// For several threads.
///
/// Redirects are followed five times, never from https to http, and from a registry elsewhere never to a local address
/// (common/http/address.hpp): the guest's own services and a cloud's metadata are none of the registry's business. With
/// a proxy in between only what the address says can be looked at. Credentials and tokens go to the registry's origin
/// and its token server, to nobody else; the token server obeys the same rules.
class Transport {
public:
    Transport(Network network, Credentials credentials);

    /// An answer of any status but a redirect.
    std::expected<http::Response, http::Failure> ask(const Question& question);

private:
    using Answer = std::expected<http::Response, http::Failure>;
    struct Way;  // from the registry to where it leads

    Answer ask_by(const std::string& scheme, const Question& question);
    Answer follow(const Question& question, const std::string& authorization, Way& way);
    Result<std::string> authorize(const http::Response& response, const Question& question, const Way& way);
    Result<std::string> fetch_token(const Challenge& challenge, const Question& question, const Way& way);
    [[nodiscard]] http::Request request_to(const http::Url& url, bool insecure) const;
    [[nodiscard]] bool is_through_proxy(const http::Url& url) const;

    Network network_;
    Credentials credentials_;
    Sessions sessions_;
    TokenCache tokens_;
    std::mutex mutex_;
    std::set<std::string> plain_;  // insecure registries that speak no TLS
    std::set<std::string> basic_;  // registries that want a password with each request
};

}  // namespace hallmark::registry
