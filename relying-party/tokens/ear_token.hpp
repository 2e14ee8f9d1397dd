// SPDX-License-Identifier: Apache-2.0
// Attestation results as signed tokens: what the broker gives to a guest that it has appraised, and takes back from it.
// Source: draft-ietf-rats-ear-00 (EAR), draft-ietf-rats-ar4si-08, RFC 7519 (JWT), RFC 7515 (JWS); the member names and
// header of Confidential Containers' Trustee, which reads the TEE's key at
// submods.cpu0."ear.veraison.annotated-evidence".runtime_data_claims.tee-pubkey.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "common/jose/signing_key.hpp"
#include "common/json.hpp"
#include "common/result.hpp"
#include "relying-party/appraisal/appraisal.hpp"
#include "relying-party/verifier/verified.hpp"

namespace hallmark::tokens {

/// Longer tokens are refused: Trustee's request head is as long.
inline constexpr std::size_t kLongestToken = 128 * 1024;

/// The claim that the token of a simulated TEE has beside `ear.status`, with the value true. The token of a real TEE
/// has no such claim, whatever its evidence holds.
inline constexpr std::string_view kSimulatedClaim = "ear.hallmark.simulated-tee";

/// What a token says.
struct Subject {
    const appraisal::Appraisal& appraisal;
    const verifier::Verified& verified;
    const Json& runtime_data;                         ///< {"nonce", "tee-pubkey"} as the guest sent them
    const Json& init_data;                            ///< its claims, or null
    std::string issuer = "CoCo-Attestation-Service";  ///< `iss`; Trustee's unless configured
};

/// The claims of a token that is valid from `now` for `lifetime` seconds.
Result<Json> make_claims(const Subject& subject, std::time_t now, std::uint32_t lifetime);
/// A compact JWS (ES256) of claims that make_claims() made, with `typ`, `kid` and `jwk` in its header.
Result<std::string> sign_claims(const Json& claims, const jose::SigningKey& key);
/// Both.
Result<std::string> make_token(const Subject& subject, std::time_t now, std::uint32_t lifetime,
                               const jose::SigningKey& key);

/// The claims of a token that one of `keys` signed, at a time at which it is valid. Fault::kNo for any that is not:
/// forged, expired, not yet valid, of another algorithm, longer than kLongestToken, or not an EAR.
Result<Json> check_token(std::string_view token, const std::vector<jose::VerifyingKey>& keys, std::time_t now);

/// The TEE's public key in the claims of a token that check_token() accepted.
Result<Json> tee_key_of(const Json& claims);

/// The JSON Web Key Set of an endpoint: {"keys": […]} (RFC 7517, section 5).
Json key_set(const std::vector<jose::VerifyingKey>& keys);

}  // namespace hallmark::tokens
