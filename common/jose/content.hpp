// SPDX-License-Identifier: Apache-2.0
// The steps of a JWE that are OpenSSL's: the content, and keys encrypted with RSA. libjose 11 takes content byte by
// byte and, built with OpenSSL 3, has no RSA-OAEP (latchset/jose, pull request 145). For this library only. Source: RFC
// 7518, sections 4.3 (RSA-OAEP-256) and 5.3 (A256GCM); RFC 8017, section 7.1.
#pragma once

#include <cstddef>

#include "common/bytes.hpp"
#include "common/openssl.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::jose {

inline constexpr std::size_t kContentKeySize = 32;
inline constexpr std::size_t kInitialisationVectorSize = 12;
inline constexpr std::size_t kTagSize = 16;

struct Sealed {
    Bytes iv;
    Bytes ciphertext;
    Bytes tag;
};

/// A new key for one content.
Result<Secret> new_content_key();

/// A256GCM under a fresh initialisation vector; `header` is authenticated with it.
Result<Sealed> seal(ByteSpan key, ByteSpan plaintext, ByteSpan header);

/// Fault::kNo where key, header or any part is another. Nothing is given out before the tag was right.
Result<Secret> open(ByteSpan key, const Sealed& sealed, ByteSpan header);

/// OAEP with SHA-256 for the hash and for MGF1. The modulus and exponent are big-endian.
Result<Bytes> encrypt_oaep(ByteSpan modulus, ByteSpan exponent, ByteSpan key);
/// Fault::kNo where it was not encrypted to this key.
Result<Secret> decrypt_oaep(EVP_PKEY& key, ByteSpan encrypted);

}  // namespace hallmark::jose
