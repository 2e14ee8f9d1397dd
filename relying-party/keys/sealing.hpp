// SPDX-License-Identifier: Apache-2.0
// Bytes sealed with AES-256-GCM: what the store keeps of a value, and of the key that the value is sealed with.
// Source: NIST SP 800-38D, 5.2.1.1 and 8.2.2: a random 96-bit nonce, a 128-bit tag.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "common/bytes.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::keys {

inline constexpr std::size_t kKeySize = 32;
inline constexpr std::size_t kNonceSize = 12;
inline constexpr std::size_t kTagSize = 16;
inline constexpr std::uint8_t kSealedVersion = 1;

/// Offset 0: the version of this format. Then the nonce, the cipher text, and the tag over it and the context.
struct SealedHeader {
    std::uint8_t version = kSealedVersion;         // 00
    std::array<std::uint8_t, kNonceSize> nonce{};  // 01
};
static_assert(sizeof(SealedHeader) == 13 && offsetof(SealedHeader, nonce) == 1);

inline constexpr std::size_t kSealedExtra = sizeof(SealedHeader) + kTagSize;

/// What a sealed value is made of; borrows its bytes.
struct SealedParts {
    ByteSpan nonce;
    ByteSpan cipher_text;
    ByteSpan tag;
};
Result<SealedParts> parts_of(ByteSpan sealed);

/// Fresh random bytes for a key; a private generator, so that no nonce tells of it.
Result<Secret> random_key();
Status fill_random(std::span<std::uint8_t> bytes);

/// Seals under a key of 32 bytes. Nobody can open it under another context.
Result<Bytes> seal(ByteSpan key, ByteSpan plain, ByteSpan context);
Result<Secret> unseal(ByteSpan key, ByteSpan sealed, ByteSpan context);

}  // namespace hallmark::keys
