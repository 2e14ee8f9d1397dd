// SPDX-License-Identifier: Apache-2.0
// Signed texts in the compact form: header.payload.signature.
// Source: RFC 7515, sections 3.1, 4.1, 5 and 7.1; RFC 7518, section 3.4 (ES256); RFC 8037, section 3.1 (EdDSA).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/bytes.hpp"
#include "common/jose/signing_key.hpp"
#include "common/json.hpp"
#include "common/result.hpp"

namespace hallmark::jose {

struct Jws {
    Json header;
    Bytes payload;
};

/// `header` without `alg`, which is the key's.
Result<std::string> sign(const Json& header, ByteSpan payload, const SigningKey& key);

/// Fault::kNo where the signature is not the key's, or the header names another algorithm than the key's one; an
/// extension that must be understood (`crit`) is refused. At most `limit` bytes.
Result<Jws> verify(std::string_view compact, const VerifyingKey& key, std::size_t limit);

/// The header before anything was verified: only to find the key that it names.
Result<Json> unverified_header(std::string_view compact, std::size_t limit);

}  // namespace hallmark::jose
