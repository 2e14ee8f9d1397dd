// SPDX-License-Identifier: Apache-2.0
// Wraps the options of a layer's encryption, its key among them, under a key of the owner.
// Source: NIST SP 800-38D (GCM) with AES-256, a random initialisation vector of 96 bits (section 8.2.2), no additional
// data and a tag of 128 bits at the end; JSON Web Algorithms (RFC 7518, section 5.3) names it A256GCM. NIST SP 800-38A,
// section 6.5 (CTR) with AES-256 and a first counter block of 16 bytes: Confidential Containers' A256CTR.
#pragma once

#include <cstddef>
#include <string_view>

#include "common/bytes.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::key_provider {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kIvBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kCounterBytes = 16;

/// A256CTR lets anybody change what is wrapped: it is read where an owner chose it, and never written.
enum class WrapType { kA256Gcm, kA256Ctr };

/// "A256GCM", "A256CTR"
std::string_view name_of(WrapType type);
/// `where` names the field in the error.
Result<WrapType> parse_wrap_type(std::string_view name, std::string_view where);

struct Wrapped {
    Bytes iv;
    Bytes data;  ///< with its tag at the end
};

/// A256GCM.
Result<Wrapped> wrap(ByteSpan key, ByteSpan secret);

/// Refused where it was not wrapped under this key, or was changed since; A256CTR can't tell.
Result<Secret> unwrap(WrapType type, ByteSpan key, ByteSpan iv, ByteSpan data);

/// A new key.
Result<Secret> random_key();

}  // namespace hallmark::key_provider
