// SPDX-License-Identifier: Apache-2.0
// ECDSA P-256 with SHA-256 in the form that quotes have it: two numbers of 32 bytes, big-endian.
// Source: Intel "TDX DCAP: Quote Generation Library and Quote Verification Library", revision 0.9, appendix A.3.9.
#pragma once

#include "common/bytes.hpp"
#include "common/formats/tdx_quote.hpp"
#include "common/openssl.hpp"

namespace hallmark::boot {

Result<openssl::Key> make_p256();
/// x and y of its public point.
Result<tdx::P256Pair> public_point(const EVP_PKEY& key);
/// r and s over the bytes.
Result<tdx::P256Pair> sign_p256(EVP_PKEY& key, ByteSpan bytes);

}  // namespace hallmark::boot
