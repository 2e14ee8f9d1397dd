// SPDX-License-Identifier: Apache-2.0
// A content key for whoever holds an RSA key: RSA-OAEP-256, which is OAEP with SHA-256 for the hash and for MGF1. For
// this library only. Source: RFC 7518, section 4.3; RFC 8017, section 7.1.
#pragma once

#include "common/bytes.hpp"
#include "common/openssl.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::jose {

/// As long as the modulus.
Result<Bytes> encrypt_oaep(EVP_PKEY& recipient, ByteSpan key);
/// Fault::kNo where it was not encrypted to this key.
Result<Secret> decrypt_oaep(EVP_PKEY& own, ByteSpan encrypted);

}  // namespace hallmark::jose
