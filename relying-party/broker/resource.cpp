// SPDX-License-Identifier: Apache-2.0
// A resource, to whoever shows a token that the release policy accepts; wrapped for the key in that token.
#include <optional>
#include <string>
#include <utility>

#include "relying-party/broker/broker.hpp"
#include "relying-party/broker/headers.hpp"

namespace hallmark::broker {
namespace {

/// The whole way from a token to a wrapped secret. The policy comes before the store, so that who may not read learns
/// nothing of what is there.
Outcome<std::string> release(const Services& services, const keys::ResourcePath& path, const std::string& token,
                             Event& event) {
    const auto bearer = services.check_token(token);
    if (!bearer) return refuse(Variant::kTokenVerifierError, bearer.error().message);
    event.verdict = appraisal::name_of((*bearer)->verdict);
    event.tee = verifier::name_of((*bearer)->tee);
    event.simulated = (*bearer)->simulated;
    if (auto allowed = services.release(path, **bearer); !allowed) {
        const bool denied = allowed.error().fault == Fault::kNo;
        return refuse(denied ? Variant::kPolicyDeny : Variant::kPolicyEngineError, allowed.error().message);
    }
    const auto secret = services.read(path);
    if (!secret) return refuse(Variant::kPluginInternalError, secret.error().message);
    auto wrapped = services.wrap(secret->bytes(), (*bearer)->key);
    if (!wrapped) return refuse(Variant::kJweError, wrapped.error().message);
    return std::move(*wrapped);
}

}  // namespace

Outcome<Response> Broker::get_resource(const Request& request, std::string_view text) {
    const auto path = keys::ResourcePath::parse(text);
    if (!path) return refuse(Variant::kInvalidRequestPath, path.error().message);
    std::optional<std::string> token;
    if (const auto cookie = session_cookie(request.cookie))
        if (auto found = sessions_.token(*cookie, services_.now())) token = std::move(*found);
    if (!token)
        if (const auto bearer = bearer_token(request.authorization)) token = std::string(*bearer);
    if (!token) return refuse(Variant::kTokenNotFound, "neither an attested session nor a bearer token; attest first");

    Event event{.kind = Event::Kind::kRead,
                .who = "token " + digest_of(*token),
                .peer = std::string(request.client),
                .what = path->text()};
    auto wrapped = release(services_, *path, *token, event);
    event.granted = wrapped.has_value();
    event.why = wrapped ? "released" : std::string(name_of(wrapped.error().variant)) + ": " + wrapped.error().detail;
    const auto recorded = services_.record(event);
    if (!wrapped) return std::unexpected(std::move(wrapped).error());
    if (!recorded) return refuse(Variant::kPluginInternalError, "the audit log can't be written; nothing is released");
    Response response;
    response.body = std::move(*wrapped);
    return response;
}

}  // namespace hallmark::broker
