// SPDX-License-Identifier: Apache-2.0
// A content key for whoever holds an EC key: ECDH-ES+A256KW. For this library only.
// Source: RFC 7518, sections 4.4, 4.6 and appendix C; NIST SP 800-56A, section 5.8.1 (Concat KDF, which OpenSSL calls
// SSKDF); RFC 3394 (AES key wrap).
#pragma once

#include <cstddef>
#include <string_view>

#include "common/bytes.hpp"
#include "common/jose/openssl_key.hpp"
#include "common/openssl.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::jose {

/// The x coordinate that both sides come to, at the curve's length. The public point is not looked at again: a Jwk's
/// is on its curve.
Result<Secret> agree(EVP_PKEY& own, EVP_PKEY& other);

/// `size` bytes of key for that algorithm, by SHA-256.
Result<Secret> concat_kdf(const Secret& agreed, std::string_view algorithm, ByteSpan party_u, ByteSpan party_v,
                          std::size_t size);

/// AES-256 key wrap with the default initial value: eight bytes more than `key`, a multiple of eight bytes.
Result<Bytes> wrap_key(const Secret& with, ByteSpan key);
/// Fault::kNo where it was not wrapped with this key.
Result<Secret> unwrap_key(const Secret& with, ByteSpan wrapped);

struct WrappedForEc {
    Bytes encrypted_key;
    EcPoint ephemeral;
};
/// With a new ephemeral key.
Result<WrappedForEc> wrap_for_ec(EVP_PKEY& recipient, ByteSpan key);
/// Fault::kNo where it was not wrapped for this key.
Result<Secret> unwrap_with_ec(EVP_PKEY& own, EVP_PKEY& ephemeral, ByteSpan wrapped);

}  // namespace hallmark::jose
