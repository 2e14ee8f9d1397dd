// SPDX-License-Identifier: Apache-2.0
// What every form of a JWE has. For this library only.
// Source: RFC 7516, section 7.2; RFC 7518, section 4.6.1.1 (epk).
#pragma once

#include <cstddef>
#include <string_view>

#include "common/bytes.hpp"
#include "common/jose/content.hpp"
#include "common/jose/jwk.hpp"
#include "common/json.hpp"
#include "common/result.hpp"

namespace hallmark::jose {

inline constexpr std::string_view kContentEncryption = "A256GCM";
inline constexpr std::size_t kLongestHeader = 8 * 1024;
inline constexpr std::size_t kLongestWrappedKey = 1024;

/// A text in base64url, of which the decoded length is known or bounded.
Result<Bytes> decoded(const JsonObject& object, std::string_view member, std::size_t smallest, std::size_t largest);

/// The members "iv", "ciphertext" and "tag".
Result<Sealed> sealed_content(const JsonObject& object);

/// The member "epk" of a header, on the curve of the key that decrypts.
Result<Jwk> parse_ephemeral_key(const JsonObject& header, const Jwk& own);

}  // namespace hallmark::jose
