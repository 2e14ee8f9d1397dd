// SPDX-License-Identifier: Apache-2.0
// What a root is recognised by: the digest of its public key, which stays when its certificate is renewed.
#pragma once

#include "common/digest.hpp"
#include "common/openssl.hpp"

namespace hallmark::verifier {

/// SHA-256 of the DER SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7).
Result<Sha256> spki_digest(const X509& certificate);

}  // namespace hallmark::verifier
