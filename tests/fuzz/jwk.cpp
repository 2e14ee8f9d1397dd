// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever sends a key to the broker: a guest as tee-pubkey, before anything of it was verified.
// Size cap: 16 KiB; a JWK of the largest RSA key has less than 1 KiB.
#include "common/jose/jwk.hpp"

#include "common/jose/signing_key.hpp"
#include "common/json.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    return {
        // RFC 7515, appendix A.3; RFC 8037, appendix A.2.
        seed(R"({"kty":"EC","crv":"P-256","alg":"ECDH-ES+A256KW","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
             R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})"),
        seed(R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})"),
        seed(R"({"kty":"RSA","alg":"RSA-OAEP-256","n":")" + std::string(341, '_') + R"(8","e":"AQAB"})"),
        seed(R"({"kty":"EC","crv":"P-521","alg":"ECDH-ES+A256KW","x":"AA","y":"AA"})"),
    };
}

void attempt(ByteSpan input) {
    const auto json = parse_json(text_of(input), "input");
    if (!json) return;
    if (const auto key = jose::Jwk::parse(*json, "input")) {
        const auto again = jose::Jwk::parse(key->json(), "again");
        require(again && again->json() == key->json(), "what was accepted is accepted as it is written");
        require(!key->json().contains("d"), "no private member is kept");
        require(jose::thumbprint(*json).value_or("") == jose::thumbprint(key->json()).value_or("-"),
                "it is the same key");
    }
    if (const auto key = jose::VerifyingKey::from_jwk(*json, "input"))
        require(jose::VerifyingKey::from_jwk(key->to_jwk(), "again").has_value(),
                "what was accepted is accepted again");
}

}  // namespace

const Target kTarget{.largest = 16 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
