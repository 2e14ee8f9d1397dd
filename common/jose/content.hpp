// SPDX-License-Identifier: Apache-2.0
// The content of a JWE and the key it is encrypted with. For this library only.
// Source: RFC 7518, section 5.3 (A256GCM).
#pragma once

#include <cstddef>

#include "common/bytes.hpp"
#include "common/openssl.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::jose {

inline constexpr std::size_t kContentKeySize = 32;
inline constexpr std::size_t kInitialisationVectorSize = 12;
inline constexpr std::size_t kTagSize = 16;

struct Sealed {
    Bytes iv;
    Bytes ciphertext;
    Bytes tag;
};

/// A new key for one content.
Result<Secret> new_content_key();

/// A256GCM under a fresh initialisation vector; `header` is authenticated with it.
Result<Sealed> seal(ByteSpan key, ByteSpan plaintext, ByteSpan header);

/// Fault::kNo where key, header or any part is another. Nothing is given out before the tag was right.
Result<Secret> open(ByteSpan key, const Sealed& sealed, ByteSpan header);

}  // namespace hallmark::jose
