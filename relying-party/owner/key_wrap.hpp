// SPDX-License-Identifier: Apache-2.0
// Wraps the options of a layer's encryption, its key among them, under a key of the owner.
// Source: NIST SP 800-38D (GCM) with AES-256, a random initialisation vector of 96 bits (section 8.2.2), no additional
// data and a tag of 128 bits at the end; JSON Web Algorithms (RFC 7518, section 5.3) names it A256GCM.
#pragma once

#include <cstddef>

#include "common/bytes.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::owner {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kIvBytes = 12;
constexpr std::size_t kTagBytes = 16;

struct Wrapped {
    Bytes iv;
    Bytes data;  ///< with its tag at the end
};

Result<Wrapped> wrap(ByteSpan key, ByteSpan secret);

/// Refused where it was not wrapped under this key, or was changed since.
Result<Secret> unwrap(ByteSpan key, ByteSpan iv, ByteSpan data);

/// A new key.
Result<Secret> random_key();

}  // namespace hallmark::owner
