// SPDX-License-Identifier: Apache-2.0
#include "relying-party/tokens/ear_token.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "common/bytes.hpp"
#include "common/hex.hpp"
#include "common/jose/jwk.hpp"
#include "common/jose/jws.hpp"
#include "relying-party/tokens/validity.hpp"

namespace hallmark::tokens {
namespace {

constexpr std::string_view kWhat = "attestation token";
constexpr std::string_view kProfile = "tag:github.com,2024:confidential-containers/Trustee";
constexpr std::string_view kStatus = "ear.status";
constexpr std::string_view kEvidence = "ear.veraison.annotated-evidence";
constexpr std::uint64_t kLongestLifetime = std::numeric_limits<std::uint32_t>::max();

/// AR4SI, section 2.3.4: the elements of a trustworthiness vector as EAR spells them.
constexpr std::array<std::string_view, 8> kDimensions = {"instance-identity", "configuration", "executables",
                                                         "file-system",       "hardware",      "runtime-opaque",
                                                         "storage-opaque",    "sourced-data"};

constexpr std::array<std::string_view, 4> kStatuses = {"affirming", "warning", "contraindicated", "none"};

Result<Json> vector_of(const appraisal::Appraisal& appraisal) {
    Json vector = Json::object();
    for (const auto& [name, dimension] : appraisal.dimensions) {
        if (std::ranges::find(kDimensions, name) == kDimensions.end())
            return bad_input("policy " + appraisal.policy + ": '" + name +
                             "' is no element of a trustworthiness vector (AR4SI)");
        if (dimension.value < -128 || dimension.value > 127)
            return bad_input("policy " + appraisal.policy + ": " + name + ": " + std::to_string(dimension.value) +
                             ", expected -128 to 127");
        vector[name] = dimension.value;
    }
    return vector;
}

/// The claims under the TEE's name; report data and init-data stand beside them, as Trustee has it.
Json evidence_of(const Subject& subject) {
    Json claims = subject.verified.claims;
    for (const auto* beside : {"report_data", "init_data"}) claims.erase(beside);
    return {{std::string(verifier::name_of(subject.verified.tee)), std::move(claims)},
            {"init_data", to_hex(subject.verified.init_data)},
            {"init_data_claims", subject.init_data},
            {"report_data", to_hex(subject.verified.report_data)},
            {"runtime_data_claims", subject.runtime_data}};
}

/// The one key of the set that a token may have been signed with: the one that its header names by `kid`, or whose
/// public key it repeats (`jwk`); the header only chooses, it never brings a key. Without either, the only key.
Result<jose::VerifyingKey> choose_key(const Json& header, const std::vector<jose::VerifyingKey>& keys) {
    std::string wanted;
    if (const auto kid = header.find("kid"); kid != header.end() && kid->is_string()) {
        wanted = kid->get<std::string>();
    } else if (const auto jwk = header.find("jwk"); jwk != header.end()) {
        wanted = jose::thumbprint(*jwk).value_or("");
    } else if (keys.size() == 1) {
        return keys.front();
    }
    const auto found = std::ranges::find(keys, wanted, &jose::VerifyingKey::thumbprint);
    if (found == keys.end())
        return refused("attestation token: signed with a key that is not in the key set of this broker");
    return *found;
}

Status check_ear(const JsonObject& claims) {
    HALLMARK_TRY(const std::string profile, claims.string("eat_profile"));
    if (profile != kProfile)
        return refused("attestation token: eat_profile: another profile, expected " + std::string(kProfile));
    HALLMARK_TRY(const auto submodules, claims.object("submods"));
    HALLMARK_TRY(const auto cpu, submodules.object("cpu0"));
    HALLMARK_TRY(const std::string status, cpu.string(kStatus));
    if (std::ranges::find(kStatuses, status) == kStatuses.end())
        return refused("attestation token: ear.status: expected affirming, warning, contraindicated or none");
    return {};
}

}  // namespace

Result<Json> make_claims(const Subject& subject, std::time_t now, std::uint32_t lifetime) {
    Json cpu = {{kStatus, appraisal::name_of(subject.appraisal.status)}};
    HALLMARK_TRY(cpu["ear.trustworthiness-vector"], vector_of(subject.appraisal));
    cpu["ear.appraisal-policy-id"] = subject.appraisal.policy;
    if (subject.verified.simulated) cpu[std::string(kSimulatedClaim)] = true;
    cpu[std::string(kEvidence)] = evidence_of(subject);
    Json claims = {{"eat_profile", kProfile},
                   {"iat", static_cast<std::uint64_t>(now)},
                   {"exp", static_cast<std::uint64_t>(now) + lifetime},
                   {"iss", subject.issuer},
                   {"ear.verifier-id", {{"developer", "Hallmark"}, {"build", "hallmark-kbs " HALLMARK_VERSION}}}};
    claims["submods"]["cpu0"] = std::move(cpu);
    return claims;
}

Result<std::string> sign_claims(const Json& claims, const jose::SigningKey& key) {
    if (key.algorithm() != jose::SignatureAlgorithm::kEs256)
        return bad_input("attestation token: the signing key is not EC on P-256; ES256 is what Trustee reads");
    const auto& public_key = key.public_key();
    const Json header = {{"typ", "JWT"}, {"kid", public_key.thumbprint()}, {"jwk", public_key.to_jwk()}};
    const auto text = claims.dump(-1, ' ', false, Json::error_handler_t::replace);
    HALLMARK_TRY(std::string token, jose::sign(header, as_bytes(text), key));
    if (token.size() > kLongestToken)
        return bad_input("attestation token: " + std::to_string(token.size()) + " bytes, more than the " +
                         std::to_string(kLongestToken) + " that readers take; the guest sent too much init-data");
    return token;
}

Result<std::string> make_token(const Subject& subject, std::time_t now, std::uint32_t lifetime,
                               const jose::SigningKey& key) {
    HALLMARK_TRY(const Json claims, make_claims(subject, now, lifetime));
    return sign_claims(claims, key);
}

Result<Json> check_token(std::string_view token, const std::vector<jose::VerifyingKey>& keys, std::time_t now) {
    const auto header = jose::unverified_header(token, kLongestToken);
    if (!header) return std::unexpected(as_refusal(header.error(), kWhat));
    HALLMARK_TRY(const jose::VerifyingKey key, choose_key(*header, keys));
    if (key.algorithm() != jose::SignatureAlgorithm::kEs256)
        return refused("attestation token: the key is not EC on P-256; only ES256 is accepted");
    const auto jws = jose::verify(token, key, kLongestToken);
    if (!jws) return std::unexpected(as_refusal(jws.error(), kWhat));
    HALLMARK_TRY(Json json, claims_of(jws->payload, kWhat));
    HALLMARK_TRY(const auto claims, JsonObject::of(json, std::string(kWhat)));
    HALLMARK_CHECK(check_validity(claims, now, kLongestLifetime, kWhat));
    if (const auto ear = check_ear(claims); !ear) return std::unexpected(as_refusal(ear.error(), kWhat));
    return json;
}

Result<Json> tee_key_of(const Json& claims) {
    const Json* at = &claims;
    for (const std::string_view step : {std::string_view("submods"), std::string_view("cpu0"), kEvidence,
                                        std::string_view("runtime_data_claims"), std::string_view("tee-pubkey")}) {
        const auto found = at->find(step);
        if (!at->is_object() || found == at->end())
            return refused("attestation token: " + std::string(step) + ": missing; the token names no key of a TEE");
        at = &*found;
    }
    return *at;
}

Json key_set(const std::vector<jose::VerifyingKey>& keys) {
    Json list = Json::array();
    for (const auto& key : keys) list.push_back(key.to_jwk());
    return {{"keys", std::move(list)}};
}

}  // namespace hallmark::tokens
