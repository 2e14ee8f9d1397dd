// SPDX-License-Identifier: Apache-2.0
// A secret encrypted to a TEE's key.
// Source: RFC 7516, section 7.2.2 (flattened JSON serialization); RFC 7518, sections 4.3, 4.6 and 5.3; Confidential
// Containers, KBS attestation protocol 0.4.0, "Response".
#pragma once

#include <cstddef>

#include "common/bytes.hpp"
#include "common/jose/jwk.hpp"
#include "common/json.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::jose {

/// The longest secret that is encrypted or decrypted, in bytes.
inline constexpr std::size_t kLongestPlaintext = 4 * 1024 * 1024;

/// {"protected", "encrypted_key", "iv", "ciphertext", "tag"} and no other member; the protected header holds alg, enc
/// (A256GCM) and, for an EC key, epk with crv, kty, x, y.
Result<Json> encrypt(ByteSpan plaintext, const Jwk& to);

/// The plaintext, authenticated. Only enc A256GCM and the algorithm of the key are accepted, and nothing is read from
/// outside the protected header.
Result<Secret> decrypt(const Json& jwe, const KeyPair& key);

}  // namespace hallmark::jose
