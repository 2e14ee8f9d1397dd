// SPDX-License-Identifier: Apache-2.0
// ECDSA P-256 with SHA-256 as quotes and Intel's collateral have it: two numbers of 32 bytes, big-endian.
// Source: Intel "TDX DCAP: Quote Generation Library and Quote Verification Library", revision 0.9, appendix A.3.9;
// FIPS 186-5, section 6.4.
#pragma once

#include <string_view>

#include "common/bytes.hpp"
#include "common/formats/tdx_quote.hpp"
#include "common/openssl.hpp"

namespace hallmark::verifier {

/// A public key from the coordinates of its point; refused where they are none of the curve. `what` names it.
Result<openssl::Key> p256_key(const tdx::P256Pair& point, std::string_view what);

/// That r and s are a signature of the key over the bytes. Refused where the key is of another curve, too.
Status verify_p256(EVP_PKEY& key, ByteSpan bytes, const tdx::P256Pair& pair, std::string_view what);

}  // namespace hallmark::verifier
