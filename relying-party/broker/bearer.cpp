// SPDX-License-Identifier: Apache-2.0
#include "relying-party/broker/bearer.hpp"

#include <string>
#include <utility>

#include "relying-party/tokens/ear_token.hpp"

namespace hallmark::broker {
namespace {

constexpr std::string_view kWhere = "token:";

Result<appraisal::Tier> tier_named(const std::string& name) {
    using appraisal::Tier;
    for (const auto tier : {Tier::kNone, Tier::kAffirming, Tier::kWarning, Tier::kContraindicated})
        if (appraisal::name_of(tier) == name) return tier;
    return refused("token: ear.status '" + name + "' is unknown");
}

/// Takes the claims, which stand under the name of the TEE, out of the token's.
Status take_evidence(const JsonObject& evidence, Json& whole, Bearer& bearer) {
    for (const auto tee : {verifier::Tee::kSnp, verifier::Tee::kTdx}) {
        if (!evidence.has(verifier::name_of(tee))) continue;
        HALLMARK_CHECK(evidence.object(verifier::name_of(tee)));
        bearer.tee = tee;
        bearer.claims = std::move(whole.at(std::string(verifier::name_of(tee))));
        for (const auto* beside : {"init_data", "report_data"})
            if (evidence.has(beside)) bearer.claims[beside] = std::move(whole.at(beside));
        if (evidence.has("init_data_claims")) bearer.init_data_claims = std::move(whole.at("init_data_claims"));
        return {};
    }
    return refused("token: no claims of a TEE that this key broker knows");
}

Result<Bearer> read(Json& claims, jose::Jwk key) {
    constexpr const char* kEvidence = "ear.veraison.annotated-evidence";
    HALLMARK_TRY(const JsonObject token, JsonObject::of(claims, std::string(kWhere)));
    HALLMARK_TRY(const std::uint64_t expires, token.number("exp"));
    HALLMARK_TRY(const JsonObject submods, token.object("submods"));
    HALLMARK_TRY(const JsonObject cpu, submods.object("cpu0"));
    HALLMARK_TRY(const std::string status, cpu.string("ear.status"));
    HALLMARK_TRY(const JsonObject evidence, cpu.object(kEvidence));
    Bearer bearer{.key = std::move(key), .expires = static_cast<std::time_t>(expires)};
    HALLMARK_TRY(bearer.verdict, tier_named(status));
    if (cpu.has(tokens::kSimulatedClaim)) {
        HALLMARK_TRY(bearer.simulated, cpu.boolean(tokens::kSimulatedClaim));
    }
    HALLMARK_CHECK(take_evidence(evidence, claims.at("submods").at("cpu0").at(kEvidence), bearer));
    return bearer;
}

}  // namespace

Result<Bearer> read_bearer(Json claims) {
    HALLMARK_TRY(const Json json, tokens::tee_key_of(claims));
    auto key = jose::Jwk::parse(json, "tee-pubkey");
    if (!key) return refused(key.error().message);
    return read_bearer(std::move(claims), std::move(*key));
}

Result<Bearer> read_bearer(Json claims, jose::Jwk key) {
    auto bearer = read(claims, std::move(key));
    if (!bearer) return refused(bearer.error().message);
    return bearer;
}

}  // namespace hallmark::broker
