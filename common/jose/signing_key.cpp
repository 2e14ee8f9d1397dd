// SPDX-License-Identifier: Apache-2.0
#include "common/jose/signing_key.hpp"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>

#include <array>
#include <utility>

#include "common/base64.hpp"
#include "common/jose/jwk.hpp"
#include "common/jose/openssl_key.hpp"
#include "common/text.hpp"

namespace hallmark::jose {
namespace {

constexpr std::size_t kEdKeySize = 32;
constexpr std::size_t kLargestJwk = 16 * 1024;
constexpr std::string_view kExpected = ", expected Ed25519 or EC on P-256";

using Bio = openssl::Owned<BIO, BIO_free>;

/// A member that, where it is there, must have this value.
Status expect_member(const JsonObject& object, std::string_view key, std::string_view value) {
    if (!object.has(key)) return {};
    HALLMARK_TRY(const std::string found, object.string(key));
    if (found != value) return bad_input(object.path_of(key) + ": expected \"" + std::string(value) + "\"");
    return {};
}

Result<openssl::Key> parse_ed25519(const JsonObject& object, bool private_too) {
    HALLMARK_TRY(const std::string curve, object.string("crv"));
    if (curve != "Ed25519") return bad_input(object.path_of("crv") + ": found another curve" + std::string(kExpected));
    HALLMARK_TRY(const Bytes x, binary_member(object, "x"));
    if (x.size() != kEdKeySize)
        return bad_input(object.path_of("x") + ": " + std::to_string(x.size()) + " bytes, expected 32");
    if (!private_too) {
        openssl::Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, x.data(), x.size()));
        if (!key) return std::unexpected(openssl::error(object.where()));
        return key;
    }
    HALLMARK_TRY(Bytes read, binary_member(object, "d"));
    const Secret d(std::move(read));
    openssl::Key key(d.bytes().size() == kEdKeySize
                         ? EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, d.bytes().data(), d.bytes().size())
                         : nullptr);
    std::array<std::uint8_t, kEdKeySize> derived{};
    std::size_t size = derived.size();
    if (!key || EVP_PKEY_get_raw_public_key(key.get(), derived.data(), &size) != 1 || !equal(derived, x)) {
        ERR_clear_error();
        return bad_input(object.path_of("d") + ": not 32 bytes, or not the private key that belongs to x");
    }
    return key;
}

Result<openssl::Key> parse_p256(const JsonObject& object, bool private_too) {
    const auto curve = find_curve("P-256");
    HALLMARK_TRY(const std::string name, object.string("crv"));
    if (!curve || name != curve->name)
        return bad_input(object.path_of("crv") + ": found another curve" + std::string(kExpected));
    EcPoint point;
    HALLMARK_TRY(point.x, binary_member(object, "x"));
    HALLMARK_TRY(point.y, binary_member(object, "y"));
    Bytes read;
    if (private_too) {
        HALLMARK_TRY(read, binary_member(object, "d"));
    }
    const Secret d(std::move(read));
    if (point.x.size() != curve->coordinate || point.y.size() != curve->coordinate ||
        (private_too && d.bytes().size() != curve->coordinate))
        return bad_input(object.where() + ": x, y and d of P-256 have 32 bytes each: zeros in front are part of them");
    auto key = make_ec_key(*curve, point, d.bytes());
    if (!key) return std::unexpected(key.error().at(object.where()));
    return key;
}

Result<openssl::Key> parse_jwk(const Json& jwk, std::string_view where, bool private_too) {
    HALLMARK_TRY(const auto object, JsonObject::of(jwk, std::string(where)));
    HALLMARK_TRY(const std::string kty, object.string("kty"));
    const bool ed25519 = kty == "OKP";
    if (!ed25519 && kty != "EC")
        return bad_input(object.path_of("kty") + ": found another kind of key" + std::string(kExpected));
    if (!private_too && object.has("d"))
        return bad_input(object.path_of("d") + ": a private member; a public key has none, and this one is spent");
    HALLMARK_CHECK(
        expect_member(object, "alg", name_of(ed25519 ? SignatureAlgorithm::kEdDsa : SignatureAlgorithm::kEs256)));
    HALLMARK_CHECK(expect_member(object, "use", "sig"));
    return ed25519 ? parse_ed25519(object, private_too) : parse_p256(object, private_too);
}

}  // namespace

std::string_view name_of(SignatureAlgorithm algorithm) {
    return algorithm == SignatureAlgorithm::kEdDsa ? "EdDSA" : "ES256";
}

Result<VerifyingKey> VerifyingKey::of(openssl::Key key, std::string_view where) {
    VerifyingKey result;
    const auto curve = curve_of(*key);
    if (curve && curve->name == "P-256") {
        HALLMARK_TRY(const EcPoint point, point_of(*key, *curve));
        result.algorithm_ = SignatureAlgorithm::kEs256;
        result.members_ = {{"kty", "EC"}, {"crv", "P-256"}, {"x", to_base64url(point.x)}, {"y", to_base64url(point.y)}};
    } else if (EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_ED25519) {
        std::array<std::uint8_t, kEdKeySize> x{};
        std::size_t size = x.size();
        if (EVP_PKEY_get_raw_public_key(key.get(), x.data(), &size) != 1) return std::unexpected(openssl::error(where));
        result.algorithm_ = SignatureAlgorithm::kEdDsa;
        result.members_ = {{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", to_base64url(x)}};
    } else {
        return bad_input(std::string(where) + ": another kind of key" + std::string(kExpected));
    }
    HALLMARK_TRY(result.thumbprint_, jose::thumbprint(result.members_));
    result.key_ = std::shared_ptr<EVP_PKEY>(key.release(), EVP_PKEY_free);
    return result;
}

Result<VerifyingKey> VerifyingKey::from_pem(ByteSpan pem, std::string_view where) {
    HALLMARK_TRY(openssl::Key key, public_key_of_pem(pem, where));
    return of(std::move(key), where);
}

Result<VerifyingKey> VerifyingKey::from_jwk(const Json& jwk, std::string_view where) {
    HALLMARK_TRY(openssl::Key key, parse_jwk(jwk, where, false));
    return of(std::move(key), where);
}

Result<std::string> VerifyingKey::to_pem() const {
    const Bio bio(BIO_new(BIO_s_mem()));
    char* text = nullptr;
    if (!bio || PEM_write_bio_PUBKEY(bio.get(), key_.get()) != 1) return std::unexpected(openssl::error("public key"));
    const auto length = BIO_get_mem_data(bio.get(), &text);
    if (length <= 0 || text == nullptr) return std::unexpected(openssl::error("public key"));
    return std::string(text, static_cast<std::size_t>(length));
}

Json VerifyingKey::to_jwk() const {
    Json jwk = members_;
    jwk["alg"] = name_of(algorithm_);
    jwk["use"] = "sig";
    jwk["kid"] = thumbprint_;
    return jwk;
}

Result<SigningKey> SigningKey::of(openssl::Key key, std::string_view where) {
    HALLMARK_TRY(VerifyingKey both, VerifyingKey::of(std::move(key), where));
    return SigningKey(std::move(both));
}

Result<SigningKey> SigningKey::generate(SignatureAlgorithm algorithm) {
    openssl::Key key(algorithm == SignatureAlgorithm::kEdDsa ? EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")
                                                             : EVP_EC_gen("P-256"));
    if (!key) return std::unexpected(openssl::error("new signing key"));
    return of(std::move(key), "new signing key");
}

Result<SigningKey> SigningKey::from_pem(ByteSpan pem, std::string_view where) {
    HALLMARK_TRY(openssl::Key key, private_key_of_pem(pem, where));
    return of(std::move(key), where);
}

Result<SigningKey> SigningKey::from_jwk(ByteSpan text, std::string_view where) {
    if (text.size() > kLargestJwk)
        return bad_input(std::string(where) + ": " + std::to_string(text.size()) +
                         " bytes, expected a JWK of at most " + std::to_string(kLargestJwk));
    HALLMARK_TRY(Json jwk, parse_json(text_of(text), where));
    auto key = parse_jwk(jwk, where, true);
    if (jwk.is_object() && jwk.contains("d") && jwk["d"].is_string()) {
        auto& d = jwk["d"].get_ref<std::string&>();
        OPENSSL_cleanse(d.data(), d.size());
    }
    if (!key) return std::unexpected(std::move(key).error());
    return of(std::move(*key), where);
}

Result<Secret> SigningKey::to_pem() const { return private_key_to_pem(*handle()); }

Result<Secret> SigningKey::to_jwk() const {
    Bytes d(kEdKeySize);
    std::size_t size = d.size();
    if (algorithm() == SignatureAlgorithm::kEs256) {
        HALLMARK_TRY(d, number_of(*handle(), OSSL_PKEY_PARAM_PRIV_KEY, kEdKeySize));
    } else if (EVP_PKEY_get_raw_private_key(handle(), d.data(), &size) != 1) {
        return std::unexpected(openssl::error("private key"));
    }
    const Secret number(std::move(d));
    auto digits = to_base64url(number.bytes());
    auto text = public_.to_jwk().dump();
    text.pop_back();  // the closing brace
    Bytes out;
    out.reserve(text.size() + digits.size() + 8);
    append(out, as_bytes(text));
    append(out, as_bytes(",\"d\":\""));
    append(out, as_bytes(digits));
    append(out, as_bytes("\"}"));
    OPENSSL_cleanse(digits.data(), digits.size());
    return Secret(std::move(out));
}

}  // namespace hallmark::jose
