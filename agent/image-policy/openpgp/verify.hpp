// SPDX-License-Identifier: Apache-2.0
// Whether a key made a signature. OpenSSL decides; here its packets are turned into what OpenSSL takes.
// Source: RFC 9580, sections 5.2.3 (the algorithms' numbers), 5.2.4 (what is hashed).
#pragma once

#include <initializer_list>
#include <string>

#include "agent/image-policy/openpgp/key.hpp"
#include "agent/image-policy/openpgp/signature.hpp"
#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::image_policy::openpgp {

/// Over the pieces of `data`, one behind the other, and the signature's own hashed part. Times, expiry and whether the
/// key may sign are for the caller. Fault::kNo where the signature does not hold.
Status verify(const Signature& signature, const PublicKey& key, std::initializer_list<ByteSpan> data,
              const std::string& what);

}  // namespace hallmark::image_policy::openpgp
