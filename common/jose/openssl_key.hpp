// SPDX-License-Identifier: Apache-2.0
// OpenSSL's keys from and to the parts of which JWK, PEM and keys of OpenPGP are made.
// Source: SEC 1, section 2.3.3 (uncompressed points); RFC 7518, section 6.2.1 (coordinates); RFC 7468 (PEM).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "common/bytes.hpp"
#include "common/json.hpp"
#include "common/openssl.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::jose {

using KeyContext = openssl::Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;

/// A curve of RFC 7518, section 6.2.1.1.
struct Curve {
    std::string_view name;        ///< "P-256"
    const char* group;            ///< OpenSSL's
    std::size_t coordinate;       ///< bytes of x, y and d
    std::string_view identifier;  ///< the bytes of its object identifier in DER (RFC 5480, section 2.1.1.1)
};

/// By the name in a JWK; nothing for any other.
std::optional<Curve> find_curve(std::string_view name);
/// The curve of an EC key; nothing for any other key or curve.
std::optional<Curve> curve_of(const EVP_PKEY& key);

struct EcPoint {
    Bytes x;
    Bytes y;
};

/// Both coordinates at the curve's length.
Result<EcPoint> point_of(const EVP_PKEY& key, const Curve& curve);

/// A public key, or with `d` a pair whose halves belong together. A point that is not on the curve is refused.
Result<openssl::Key> make_ec_key(const Curve& curve, const EcPoint& point, ByteSpan d = {});

/// A public key. The modulus and exponent are big-endian, and not looked at.
Result<openssl::Key> make_rsa_key(ByteSpan modulus, ByteSpan exponent);

/// The value of an unsigned number of a key ("n", "e", "priv"), big-endian; in `length` bytes, or in as few as it
/// takes.
Result<Bytes> number_of(const EVP_PKEY& key, const char* name, std::size_t length = 0);

/// What the member of a JWK holds, decoded.
Result<Bytes> binary_member(const JsonObject& object, std::string_view key);

/// Not encrypted; no other text may stand in front. Nobody is asked for a password.
Result<openssl::Key> private_key_of_pem(ByteSpan pem, std::string_view where);
Result<openssl::Key> public_key_of_pem(ByteSpan pem, std::string_view where);
/// How a private key is written: PKCS#8 takes any, PKCS#1 those of RSA.
enum class PrivateForm { kPkcs8, kPkcs1 };
Result<Secret> private_key_to_pem(EVP_PKEY& key, PrivateForm form = PrivateForm::kPkcs8);

}  // namespace hallmark::jose
