// SPDX-License-Identifier: Apache-2.0
// A content key for whoever holds an RSA key: OAEP, with one digest for the hash and for MGF1. For this library only.
// Source: RFC 7518, section 4.3; RFC 8017, section 7.1.
#pragma once

#include "common/bytes.hpp"
#include "common/openssl.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::jose {

enum class OaepDigest : bool {
    kSha256,  ///< "RSA-OAEP-256"
    kSha1,    ///< "RSA-OAEP": OAEP does not lean on what is broken in SHA-1; only read, never written
};

/// RSA-OAEP-256, as long as the modulus.
Result<Bytes> encrypt_oaep(EVP_PKEY& recipient, ByteSpan key);
/// Fault::kNo where it was not encrypted to this key.
Result<Secret> decrypt_oaep(EVP_PKEY& own, ByteSpan encrypted, OaepDigest digest = OaepDigest::kSha256);

}  // namespace hallmark::jose
