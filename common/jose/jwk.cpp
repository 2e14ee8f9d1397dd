// SPDX-License-Identifier: Apache-2.0
#include "common/jose/jwk.hpp"

#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include <array>
#include <optional>
#include <utility>

#include "common/base64.hpp"
#include "common/digest.hpp"
#include "common/jcs.hpp"
#include "common/jose/openssl_key.hpp"

namespace hallmark::jose {
namespace {

constexpr std::size_t kSmallestModulus = 256;  // RFC 7518, section 4.3: 2048 bits
constexpr std::size_t kLargestModulus = 512;
constexpr std::size_t kLargestExponent = 8;

/// RFC 7518, sections 6.2.2 and 6.3.2, and `k` of a symmetric key.
constexpr std::array<std::string_view, 8> kPrivateMembers = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};

Status public_only(const JsonObject& object) {
    for (const auto member : kPrivateMembers)
        if (object.has(member))
            return bad_input(object.path_of(member) +
                             ": a private member; a public key has none, and this one is spent");
    return object.only({"kty", "alg", "crv", "x", "y", "n", "e", "kid", "use"});
}

struct Parsed {
    Json members;
    openssl::Key key;
};

Result<Parsed> parse_ec(const JsonObject& object) {
    HALLMARK_TRY(const std::string name, object.string("crv"));
    const auto curve = find_curve(name);
    if (!curve) return bad_input(object.path_of("crv") + ": found another curve, expected P-256, P-384 or P-521");
    EcPoint point;
    HALLMARK_TRY(point.x, binary_member(object, "x"));
    HALLMARK_TRY(point.y, binary_member(object, "y"));
    for (const auto& [key, value] : {std::pair("x", &point.x), std::pair("y", &point.y)})
        if (value->size() != curve->coordinate)
            return bad_input(object.path_of(key) + ": " + std::to_string(value->size()) + " bytes, expected " +
                             std::to_string(curve->coordinate) + ": zeros in front are part of it");
    auto key = make_ec_key(*curve, point);
    if (!key) return std::unexpected(key.error().at(object.where()));
    Json members = {{"kty", "EC"}, {"crv", name}, {"x", to_base64url(point.x)}, {"y", to_base64url(point.y)}};
    return Parsed{std::move(members), std::move(*key)};
}

Result<Parsed> parse_rsa(const JsonObject& object) {
    HALLMARK_TRY(const Bytes modulus, binary_member(object, "n"));
    HALLMARK_TRY(const Bytes exponent, binary_member(object, "e"));
    if (modulus.size() < kSmallestModulus || modulus.size() > kLargestModulus || modulus.front() < 0x80)
        return bad_input(object.path_of("n") + ": " + std::to_string(modulus.size()) +
                         " bytes, expected 2048 to 4096 bits, a multiple of eight, without zeros in front");
    if (modulus.back() % 2 == 0) return bad_input(object.path_of("n") + ": an even number is no RSA modulus");
    if (exponent.empty() || exponent.size() > kLargestExponent || exponent.front() == 0 || exponent.back() % 2 == 0 ||
        (exponent.size() == 1 && exponent.front() < 3))
        return bad_input(object.path_of("e") + ": expected an odd number of 3 or more in at most " +
                         std::to_string(kLargestExponent) + " bytes, without zeros in front");
    HALLMARK_TRY(openssl::Key key, make_rsa_key(modulus, exponent));
    Json members = {{"kty", "RSA"}, {"n", to_base64url(modulus)}, {"e", to_base64url(exponent)}};
    return Parsed{std::move(members), std::move(key)};
}

}  // namespace

std::string_view name_of(KeyManagement algorithm) {
    return algorithm == KeyManagement::kRsaOaep256 ? "RSA-OAEP-256" : "ECDH-ES+A256KW";
}

Result<std::string> thumbprint(const Json& jwk) {
    HALLMARK_TRY(const auto object, JsonObject::of(jwk, "JWK"));
    HALLMARK_TRY(const std::string kty, object.string("kty"));
    Json required = {{"kty", kty}};
    const auto take = [&](std::initializer_list<std::string_view> members) -> Status {
        for (const auto member : members) {
            HALLMARK_TRY(required[std::string(member)], object.string(member));
        }
        return {};
    };
    if (kty == "EC") {
        HALLMARK_CHECK(take({"crv", "x", "y"}));
    } else if (kty == "RSA") {
        HALLMARK_CHECK(take({"n", "e"}));
    } else if (kty == "OKP") {
        HALLMARK_CHECK(take({"crv", "x"}));
    } else {
        return bad_input("JWK: kty: found another kind of key, expected EC, RSA or OKP");
    }
    HALLMARK_TRY(const std::string text, canonical(required));
    return to_base64url(sha256(as_bytes(text)));
}

Result<Jwk> Jwk::parse(const Json& json, std::string_view where) {
    HALLMARK_TRY(const auto object, JsonObject::of(json, std::string(where)));
    HALLMARK_CHECK(public_only(object));
    HALLMARK_TRY(const std::string kty, object.string("kty"));
    HALLMARK_TRY(const std::string alg, object.string("alg"));
    if (kty != "EC" && kty != "RSA")
        return bad_input(object.path_of("kty") + ": found another kind of key, expected EC or RSA");
    const auto algorithm = kty == "EC" ? KeyManagement::kEcdhEsA256Kw : KeyManagement::kRsaOaep256;
    if (alg != name_of(algorithm))
        return bad_input(object.path_of("alg") + ": found another algorithm, expected " +
                         std::string(name_of(algorithm)) + " for a key of kty " + kty);
    if (object.has("use")) {
        HALLMARK_TRY(const std::string use, object.string("use"));
        if (use != "enc")
            return bad_input(object.path_of("use") + ": expected \"enc\": secrets are encrypted to this key");
    }
    HALLMARK_TRY(Parsed parsed, kty == "EC" ? parse_ec(object) : parse_rsa(object));
    parsed.members["alg"] = alg;
    return Jwk(std::move(parsed.members), algorithm, std::move(parsed.key));
}

Result<KeyKind> parse_key_kind(std::string_view name) {
    if (name == "ECDH-ES+A256KW-P256") return KeyKind::kP256;
    if (name == "ECDH-ES+A256KW-P384") return KeyKind::kP384;
    if (name == "ECDH-ES+A256KW-P521") return KeyKind::kP521;
    if (name == "RSA-OAEP-256") return KeyKind::kRsa;
    return bad_input("'" + std::string(name) +
                     "' is no algorithm of a TEE's key; expected ECDH-ES+A256KW-P256, ECDH-ES+A256KW-P384, "
                     "ECDH-ES+A256KW-P521 or RSA-OAEP-256");
}

Result<KeyPair> KeyPair::generate(KeyKind kind) {
    const auto make = [&] {
        switch (kind) {
            case KeyKind::kP384:
                return EVP_EC_gen("P-384");
            case KeyKind::kP521:
                return EVP_EC_gen("P-521");
            case KeyKind::kRsa:
                return EVP_RSA_gen(2048);
            case KeyKind::kP256:
                break;
        }
        return EVP_EC_gen("P-256");
    };
    openssl::Key key(make());
    if (!key) return std::unexpected(openssl::error("new key pair"));
    return of(std::move(key), "new key pair");
}

Result<KeyPair> KeyPair::of(openssl::Key key, std::string_view where) {
    Json json;
    if (const auto curve = curve_of(*key)) {
        HALLMARK_TRY(const EcPoint point, point_of(*key, *curve));
        json = {{"kty", "EC"},
                {"alg", name_of(KeyManagement::kEcdhEsA256Kw)},
                {"crv", curve->name},
                {"x", to_base64url(point.x)},
                {"y", to_base64url(point.y)}};
    } else if (EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_RSA) {
        HALLMARK_TRY(const Bytes modulus, number_of(*key, OSSL_PKEY_PARAM_RSA_N));
        HALLMARK_TRY(const Bytes exponent, number_of(*key, OSSL_PKEY_PARAM_RSA_E));
        json = {{"kty", "RSA"},
                {"alg", name_of(KeyManagement::kRsaOaep256)},
                {"n", to_base64url(modulus)},
                {"e", to_base64url(exponent)}};
    } else {
        return bad_input(std::string(where) + ": another kind of key, expected EC on P-256, P-384 or P-521, or RSA");
    }
    HALLMARK_TRY(Jwk public_key, Jwk::parse(json, where));
    return KeyPair(std::move(key), std::move(public_key));
}

Result<KeyPair> KeyPair::from_pem(ByteSpan pem, std::string_view where) {
    HALLMARK_TRY(openssl::Key key, private_key_of_pem(pem, where));
    return of(std::move(key), where);
}

Result<Secret> KeyPair::to_pem() const { return private_key_to_pem(*key_); }

Result<Secret> KeyPair::to_tee_pem() const {
    return private_key_to_pem(*key_, EVP_PKEY_is_a(key_.get(), "RSA") == 1 ? PrivateForm::kPkcs1 : PrivateForm::kPkcs8);
}

}  // namespace hallmark::jose
