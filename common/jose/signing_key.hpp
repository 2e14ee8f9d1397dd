// SPDX-License-Identifier: Apache-2.0
// Keys that sign and verify. Each has one algorithm, by its kind: P-256 is ES256, Ed25519 is EdDSA.
// Source: RFC 7518, section 6.2 (EC); RFC 8037, section 2 (OKP); RFC 8410 (Ed25519 in PKCS#8).
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

enum class SignatureAlgorithm { kEs256, kEdDsa };

/// "ES256", "EdDSA"
std::string_view name_of(SignatureAlgorithm algorithm);

/// A public key; copies share it.
class VerifyingKey {
public:
    /// SubjectPublicKeyInfo. `where` names the source in errors.
    static Result<VerifyingKey> from_pem(ByteSpan pem, std::string_view where);
    /// Public members only; `alg`, where it is there, must be the key's algorithm, and `use` must be "sig".
    static Result<VerifyingKey> from_jwk(const Json& jwk, std::string_view where);

    [[nodiscard]] std::string to_pem() const;
    /// kty, crv, x, (y,) alg, use and kid, which is the thumbprint.
    [[nodiscard]] Json to_jwk() const;
    /// SHA-256, base64url (RFC 7638).
    [[nodiscard]] const std::string& thumbprint() const { return thumbprint_; }
    [[nodiscard]] SignatureAlgorithm algorithm() const { return algorithm_; }
    /// For this library: OpenSSL's key.
    [[nodiscard]] EVP_PKEY* handle() const { return key_.get(); }

private:
    friend class SigningKey;
    VerifyingKey() = default;
    static Result<VerifyingKey> of(openssl::Key key, std::string_view where);

    std::shared_ptr<EVP_PKEY> key_;
    SignatureAlgorithm algorithm_ = SignatureAlgorithm::kEs256;
    Json members_;  // kty, crv, x, (y)
    std::string thumbprint_;
};

/// A key pair. The private key stays in OpenSSL's memory, which is wiped when freed.
class SigningKey {
public:
    static Result<SigningKey> generate(SignatureAlgorithm algorithm);
    /// PKCS#8 or SEC 1, not encrypted. `where` names the source in errors.
    static Result<SigningKey> from_pem(ByteSpan pem, std::string_view where);
    /// A private JWK, as text.
    static Result<SigningKey> from_jwk(ByteSpan text, std::string_view where);

    /// PKCS#8, not encrypted.
    [[nodiscard]] Result<Secret> to_pem() const;
    /// A private JWK, as text.
    [[nodiscard]] Result<Secret> to_jwk() const;
    [[nodiscard]] const VerifyingKey& public_key() const { return public_; }
    [[nodiscard]] SignatureAlgorithm algorithm() const { return public_.algorithm(); }
    /// For this library: OpenSSL's key.
    [[nodiscard]] EVP_PKEY* handle() const { return public_.handle(); }

private:
    explicit SigningKey(VerifyingKey key) : public_(std::move(key)) {}

    VerifyingKey public_;  // OpenSSL's key holds both halves
};

}  // namespace hallmark::jose
