// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever sends a bearer token to the broker: a guest, or anybody on the network.
// Size cap: 16 KiB; attestation tokens may have 128 KiB, administrators' 8 KiB.
#include "common/base64.hpp"
#include "common/jose/jws.hpp"
#include "relying-party/tokens/admin_token.hpp"
#include "relying-party/tokens/ear_token.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

constexpr std::time_t kNow = 1'790'000'000;
constexpr std::string_view kClaims =
    R"({"eat_profile":"tag:github.com,2024:confidential-containers/Trustee","iat":1790000000,"exp":1790000300,)"
    R"("role":"admin","submods":{"cpu0":{"ear.status":"affirming"}}})";

const jose::SigningKey& key(jose::SignatureAlgorithm algorithm) {
    static const auto kEs = jose::SigningKey::generate(jose::SignatureAlgorithm::kEs256);
    static const auto kEd = jose::SigningKey::generate(jose::SignatureAlgorithm::kEdDsa);
    require(kEs && kEd, "keys are made");
    return algorithm == jose::SignatureAlgorithm::kEs256 ? *kEs : *kEd;
}

std::vector<Bytes> seeds() {
    std::vector<Bytes> result;
    for (const auto algorithm : {jose::SignatureAlgorithm::kEs256, jose::SignatureAlgorithm::kEdDsa}) {
        const auto token = jose::sign(Json{{"typ", "JWT"}}, as_bytes(kClaims), key(algorithm));
        require(token.has_value(), "a token is made");
        result.push_back(seed(*token));
    }
    result.push_back(seed(kClaims));
    result.push_back(seed(R"({"iat":1790000000,"exp":18446744073709551615,"nbf":-1})"));
    return result;
}

/// As a whole token, and as claims that somebody with the key signed.
void attempt(ByteSpan input) {
    const auto& es = key(jose::SignatureAlgorithm::kEs256);
    const auto& ed = key(jose::SignatureAlgorithm::kEdDsa);
    const auto token = std::string(text_of(input));
    if (const auto claims = tokens::check_token(token, {es.public_key()}, kNow))
        require(tokens::check_token(token, {es.public_key()}, kNow + 300).has_value() == false, "it expires");
    static_cast<void>(tokens::check_admin_token(token, ed.public_key(), kNow).has_value());
    if (const auto made = jose::sign(Json::object(), input, es))
        if (const auto claims = tokens::check_token(*made, {es.public_key()}, kNow))
            static_cast<void>(tokens::tee_key_of(*claims).has_value());
    if (const auto made = jose::sign(Json::object(), input, ed))
        if (tokens::check_admin_token(*made, ed.public_key(), kNow))
            require(!tokens::check_admin_token(*made, ed.public_key(), kNow + jose::kLongestAdminLifetime + 61),
                    "no administrator's token outlives the longest lifetime");
}

}  // namespace

const Target kTarget{.largest = 16 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
