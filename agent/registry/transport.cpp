// SPDX-License-Identifier: Apache-2.0
#include "agent/registry/transport.hpp"

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include "agent/oci/text.hpp"
#include "agent/registry/challenge.hpp"
#include "common/http/address.hpp"

namespace hallmark::registry {
namespace {

constexpr int kUnauthorized = 401;
constexpr int kOk = 200;
constexpr std::size_t kLongestMessage = 1000;

std::unexpected<http::Failure> failed(Error error) { return std::unexpected(http::Failure{std::move(error)}); }

/// Docker's registry has another name than its images.
std::string host_of(const oci::Reference& reference) {
    return reference.registry == "docker.io" ? "registry-1.docker.io" : reference.registry;
}

bool is_redirect(const http::Response& response) {
    const int status = response.status;
    return (status == 301 || status == 302 || status == 303 || status == 307 || status == 308) &&
           response.headers.contains("location");
}

/// A query may be a right to read: it is not for logs.
std::string without_query(const http::Url& url) { return url.text.substr(0, url.text.find('?')); }

http::Failure without_query(http::Failure failure, const http::Url& url) {
    auto& message = failure.error.message;
    if (message.starts_with(url.text))
        message = oci::printable(without_query(url) + message.substr(url.text.size()), kLongestMessage);
    return failure;
}

/// Wipes what had credentials in it.
class Wiped {
public:
    explicit Wiped(http::Request& request) : request_(request) {}
    Wiped(const Wiped&) = delete;
    Wiped& operator=(const Wiped&) = delete;
    ~Wiped() {
        for (auto& header : request_.headers) wipe(header);
        wipe(request_.body);
    }

private:
    http::Request& request_;
};

}  // namespace

struct Transport::Way {
    http::Url first;
    bool registry_is_local = false;
    bool redirected = false;
};

Transport::Transport(Network network, Credentials credentials)
    : network_(std::move(network)), credentials_(std::move(credentials)) {}

std::expected<http::Response, http::Failure> Transport::ask(const Question& question) {
    const std::string& host = question.endpoint.reference.registry;
    if (!question.endpoint.insecure) return ask_by("https", question);
    bool plain = false;
    {
        const std::lock_guard lock(mutex_);
        plain = plain_.contains(host);
    }
    if (plain) return ask_by("http", question);
    auto answer = ask_by("https", question);
    if (answer) return answer;
    const auto cause = answer.error().cause;
    if (cause != http::Cause::kTls && cause != http::Cause::kConnection) return answer;
    auto second = ask_by("http", question);
    if (!second) return answer;
    const std::lock_guard lock(mutex_);
    plain_.insert(host);
    return second;
}

/// Asks as somebody known where the registry is known to want that, or when it says so.
Transport::Answer Transport::ask_by(const std::string& scheme, const Question& question) {
    const oci::Reference& reference = question.endpoint.reference;
    auto first = http::Url::parse(scheme + "://" + host_of(reference) + std::string(question.base) +
                                  reference.repository + "/" + question.path);
    if (!first) return failed(std::move(first).error());
    Way way{std::move(*first)};
    std::string authorization = tokens_.header(reference.name());
    if (authorization.empty()) {
        const std::lock_guard lock(mutex_);
        const Login* login = basic_.contains(reference.registry) ? credentials_.find(reference) : nullptr;
        if (login != nullptr) authorization = login->basic();
    }
    auto answer = follow(question, authorization, way);
    wipe(authorization);
    if (!answer || answer->status != kUnauthorized || way.redirected) return answer;
    auto login = authorize(*answer, question, way);
    if (!login) return failed(std::move(login).error());
    if (login->empty()) return answer;  // nothing to offer: the answer says why
    answer = follow(question, *login, way);
    wipe(*login);
    return answer;
}

Transport::Answer Transport::follow(const Question& question, const std::string& authorization, Way& way) {
    http::Url url = way.first;
    for (int hop = 0; hop <= kMostRedirects; ++hop) {
        way.redirected = hop > 0;
        http::Request request = request_to(url, question.endpoint.insecure);
        const Wiped wiped(request);
        request.headers = question.headers;
        if (!authorization.empty() && url.same_origin(way.first)) request.headers.push_back(authorization);
        request.limits = question.limits;
        request.sink = question.sink;
        const bool guarded = way.redirected && !way.registry_is_local;
        if (guarded && url.names_local())
            return failed({Fault::kBadInput, without_query(way.first) + ": leads to " + without_query(url) +
                                                 ", which is this machine or its own network: not asked"});
        request.refuse_local = guarded && !is_through_proxy(url);
        auto answer = (*sessions_.lend()).attempt(request);
        if (!answer) return std::unexpected(without_query(std::move(answer).error(), url));
        if (hop == 0)
            way.registry_is_local =
                url.names_local() || (!is_through_proxy(url) && http::is_local_address(answer->peer));
        if (!is_redirect(*answer)) return answer;
        auto next = url.follow(answer->headers.at("location"));
        if (!next) return failed(next.error().at(without_query(url) + ": Location"));
        if (url.scheme == "https" && next->scheme != "https")
            return failed({Fault::kBadInput, without_query(url) + ": leads to " + without_query(*next) +
                                                 ", without TLS; expected https://"});
        url = std::move(*next);
    }
    return failed({Fault::kBadInput, without_query(way.first) + ": more than " + std::to_string(kMostRedirects) +
                                         " redirects, at last to " + without_query(url)});
}

/// What to send along, of what the registry offers to take; empty where there is nothing.
Result<std::string> Transport::authorize(const http::Response& response, const Question& question, const Way& way) {
    const oci::Reference& reference = question.endpoint.reference;
    std::optional<Challenge> bearer;
    bool basic = false;
    for (const auto& header : response.challenges) {
        auto challenges = parse_challenges(header);
        if (!challenges) return std::unexpected(std::move(challenges).error());
        for (auto& challenge : *challenges) {
            basic = basic || challenge.scheme == "basic";
            if (challenge.scheme == "bearer" && !bearer) bearer = std::move(challenge);
        }
    }
    tokens_.forget(reference.name());
    if (bearer) return fetch_token(*bearer, question, way);
    const Login* login = credentials_.find(reference);
    if (!basic || login == nullptr) return std::string();
    const std::lock_guard lock(mutex_);
    basic_.insert(reference.registry);
    return login->basic();
}

Result<std::string> Transport::fetch_token(const Challenge& challenge, const Question& question, const Way& way) {
    const oci::Reference& reference = question.endpoint.reference;
    auto asked = token_request(challenge, reference.repository, credentials_.find(reference));
    if (!asked) return std::unexpected(std::move(asked).error());
    HALLMARK_TRY(const http::Url url, http::Url::parse(asked->url));
    http::Request request = request_to(url, question.endpoint.insecure);
    const Wiped wiped(request);
    request.method = asked->method;
    request.headers = std::move(asked->headers);
    request.body = std::move(asked->body);
    const std::string place = "token from " + without_query(url);
    if (way.first.scheme == "https" && url.scheme != "https")
        return bad_input(place + ": without TLS, where the credentials would go; expected https://");
    if (!way.registry_is_local && url.names_local())
        return bad_input(place + ": this machine or its own network: not asked");
    request.refuse_local = !way.registry_is_local && !is_through_proxy(url);
    auto answer = (*sessions_.lend()).attempt(request);
    if (!answer) return std::unexpected(without_query(std::move(answer).error(), url).error.at("token"));
    if (answer->status != kOk)
        return refused(place + ": status " + std::to_string(answer->status) +
                       ", expected 200; check the credentials for " + reference.registry);
    auto token = parse_token(answer->body, place);
    wipe(answer->body);
    if (!token) return std::unexpected(std::move(token).error());
    std::string header = "Authorization: Bearer ";
    header.reserve(header.size() + token->value.bytes().size());
    header.append(token->value.bytes().begin(), token->value.bytes().end());
    tokens_.keep(reference.name(), std::move(*token));
    return header;
}

http::Request Transport::request_to(const http::Url& url, bool insecure) const {
    http::Request request;
    request.url = url.text;
    request.trusted = network_.trusted;
    request.any_certificate = insecure;
    const std::string& proxy = url.scheme == "https" ? network_.proxies.https : network_.proxies.http;
    request.proxy = http::Proxy{proxy, network_.proxies.exceptions};
    return request;
}

bool Transport::is_through_proxy(const http::Url& url) const {
    return !(url.scheme == "https" ? network_.proxies.https : network_.proxies.http).empty();
}

}  // namespace hallmark::registry
