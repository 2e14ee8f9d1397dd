// SPDX-License-Identifier: Apache-2.0
// auth and attest: from a nonce to a token.
#include <openssl/crypto.h>

#include <string>
#include <utility>

#include "relying-party/broker/broker.hpp"
#include "relying-party/broker/headers.hpp"
#include "relying-party/broker/init_data.hpp"
#include "relying-party/broker/messages.hpp"

namespace hallmark::broker {
namespace {

constexpr std::time_t kCookieLife = 300;  // seconds

std::unexpected<Refusal> attestation_error(const Error& error) {
    return refuse(Variant::kAttestationError, error.message);
}

Response json_response(const Json& body) {
    Response response;
    response.body = body.dump();
    return response;
}

/// What came of evidence.
struct Attested {
    verifier::Verified verified;
    appraisal::Appraisal appraisal;
    std::string token;
};

/// Authenticity, then what binds it to this request, then the policy.
Result<Attested> appraise_evidence(const Services& services, const Sessions::Taken& taken,
                                   const AttestRequest& request) {
    if (taken.version->runtime_data && !same_secret(request.nonce, taken.nonce))
        return refused("attest: runtime-data.nonce is not the nonce of this session");
    if (!request.additional_evidence.empty())
        return refused("attest: additional_evidence: evidence of devices is not verified here; expected an empty text");
    HALLMARK_TRY(const jose::Jwk key, services.read_key(request.tee_pubkey));
    HALLMARK_TRY(const auto report_data, expected_report_data(*taken.version, taken.nonce, request));
    Attested result;
    HALLMARK_TRY(result.verified, services.verify(taken.tee, request.evidence));
    const auto& seen = result.verified.report_data;
    if (result.verified.tee != taken.tee || CRYPTO_memcmp(seen.data(), report_data.data(), seen.size()) != 0)
        return refused(
            "attest: the report data of the evidence are not those of this nonce and key; it was made for "
            "another request");
    Json init_data_claims;
    if (request.init_data) {
        HALLMARK_TRY(init_data_claims, bound_init_data(result.verified, *request.init_data));
    }
    const ByteSpan given = request.init_data ? ByteSpan(result.verified.init_data) : ByteSpan();
    HALLMARK_TRY(result.appraisal, services.appraise(result.verified, given));
    Json runtime_data;
    runtime_data["nonce"] = taken.nonce;
    runtime_data["tee-pubkey"] = request.tee_pubkey;
    HALLMARK_TRY(result.token,
                 services.issue_token(result.verified, result.appraisal, runtime_data, init_data_claims, key));
    return result;
}

}  // namespace

Outcome<Response> Broker::auth(const Request& request) {
    const auto parsed = parse_auth(request.body);
    if (!parsed) return attestation_error(parsed.error());
    const auto opened = sessions_.open(*parsed->version, parsed->tee, request.client, services_.now());
    if (!opened) return attestation_error(opened.error());
    Json body;
    body["nonce"] = opened->nonce;
    body["extra-params"] = "";
    auto response = json_response(body);
    response.set_cookie = set_session_cookie(text_of(opened->id), services_.wall_clock() + kCookieLife);
    return response;
}

Outcome<Response> Broker::attest(const Request& request) {
    const auto cookie = session_cookie(request.cookie);
    if (!cookie) return refuse(Variant::kAttestationError, "attest: no cookie kbs-session-id; begin with auth");
    auto taken = sessions_.take(*cookie, services_.now());
    if (!taken) return attestation_error(taken.error());
    if (taken->token.empty()) {
        auto token = attest_taken(request, *taken);
        if (!token) return std::unexpected(std::move(token).error());
        taken->token = std::move(*token);
    }
    Json body;
    body["token"] = taken->token;
    auto response = json_response(body);
    response.set_cookie = set_session_cookie(text_of(taken->id), services_.wall_clock() + kCookieLife);
    return response;
}

Outcome<std::string> Broker::attest_taken(const Request& request, const Sessions::Taken& taken) {
    Event event{.kind = Event::Kind::kAttest,
                .who = "session " + digest_of(text_of(taken.id)),
                .peer = std::string(request.client),
                .tee = std::string(verifier::name_of(taken.tee)),
                .what = "token"};
    const auto parsed = parse_attest(*taken.version, request.body);
    auto result = parsed ? appraise_evidence(services_, taken, *parsed) : std::unexpected(parsed.error());
    if (!result) {
        event.why = result.error().message;
        // The refusal stands, whether or not it could be written down.
        (void)services_.record(event);
        auto refusal = attestation_error(result.error());
        refusal.error().later = services_.is_crowded();
        return refusal;
    }
    event.granted = result->appraisal.status == appraisal::Tier::kAffirming;
    event.verdict = appraisal::name_of(result->appraisal.status);
    event.simulated = result->verified.simulated;
    event.who += ", token " + digest_of(result->token);
    event.why = appraisal::to_line(result->appraisal);
    if (const auto found = result->verified.claims.find("collateral_error"); found != result->verified.claims.end())
        event.why += "; the TCB status is unknown: " + found->get<std::string>();
    if (auto recorded = services_.record(event); !recorded) return attestation_error(recorded.error());
    sessions_.attested(taken.id, result->token, services_.now());
    return std::move(result->token);
}

}  // namespace hallmark::broker
