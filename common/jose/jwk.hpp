// SPDX-License-Identifier: Apache-2.0
// The key of a TEE, to which secrets are encrypted.
// Source: RFC 7517 (JWK), RFC 7518, sections 4 and 6 (key management, EC and RSA keys), RFC 7638 (thumbprint);
// Confidential Containers, KBS attestation protocol 0.4.0, "tee-pubkey".
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "common/bytes.hpp"
#include "common/json.hpp"
#include "common/openssl.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::jose {

/// How a content encryption key is given to the TEE.
enum class KeyManagement { kEcdhEsA256Kw, kRsaOaep256 };

/// "ECDH-ES+A256KW", "RSA-OAEP-256"
std::string_view name_of(KeyManagement algorithm);

/// The SHA-256 thumbprint of a public or private key (RFC 7638), base64url: of the members that make the public key.
Result<std::string> thumbprint(const Json& jwk);

/// A public key, checked: the point is on its curve, the modulus is long enough, and no private member is there. Copies
/// share OpenSSL's key.
class Jwk {
public:
    /// EC on P-256, P-384 or P-521 with coordinates of exactly the curve's length, or RSA of 2048 to 4096 bits; `alg`
    /// is required. `where` names the source in errors.
    static Result<Jwk> parse(const Json& json, std::string_view where);

    /// Its members: kty, alg, and crv, x, y or n, e.
    [[nodiscard]] const Json& json() const { return json_; }
    [[nodiscard]] KeyManagement algorithm() const { return algorithm_; }
    /// For this library: OpenSSL's key.
    [[nodiscard]] EVP_PKEY* handle() const { return key_.get(); }

private:
    Jwk(Json json, KeyManagement algorithm, std::shared_ptr<EVP_PKEY> key)
        : json_(std::move(json)), algorithm_(algorithm), key_(std::move(key)) {}

    Json json_;
    KeyManagement algorithm_;
    std::shared_ptr<EVP_PKEY> key_;
};

/// What `generate` makes: a curve with ECDH-ES+A256KW, or RSA of 2048 bits with RSA-OAEP-256.
enum class KeyKind { kP256, kP384, kP521, kRsa };

/// From "ECDH-ES+A256KW-P256", "ECDH-ES+A256KW-P384", "ECDH-ES+A256KW-P521" or "RSA-OAEP-256", as configurations of
/// the attestation agent name it.
Result<KeyKind> parse_key_kind(std::string_view name);

/// A key pair to which secrets are encrypted. The private key stays in OpenSSL's memory, which is wiped when freed.
class KeyPair {
public:
    static Result<KeyPair> generate(KeyKind kind);
    /// PKCS#8, SEC 1 or PKCS#1, not encrypted. `where` names the source in errors.
    static Result<KeyPair> from_pem(ByteSpan pem, std::string_view where);
    /// PKCS#8, not encrypted.
    [[nodiscard]] Result<Secret> to_pem() const;
    /// As attestation agents hand it out: PKCS#8 of an EC key, PKCS#1 of an RSA key.
    [[nodiscard]] Result<Secret> to_tee_pem() const;

    [[nodiscard]] const Jwk& public_key() const { return public_; }
    /// For this library: OpenSSL's key.
    [[nodiscard]] EVP_PKEY* handle() const { return key_.get(); }

private:
    KeyPair(openssl::Key key, Jwk public_key) : key_(std::move(key)), public_(std::move(public_key)) {}
    static Result<KeyPair> of(openssl::Key key, std::string_view where);

    openssl::Key key_;
    Jwk public_;
};

}  // namespace hallmark::jose
