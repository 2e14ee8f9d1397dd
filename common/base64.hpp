// SPDX-License-Identifier: Apache-2.0
// Base64 in its two alphabets, written in one way only and read in that way only.
// Source: RFC 4648, sections 3.2 (padding), 3.5 (canonical encoding), 4 (base64) and 5 (base64url); RFC 7515, section 2
// (base64url without padding).
#pragma once

#include <string>
#include <string_view>

#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark {

/// The standard alphabet, with padding.
std::string to_base64(ByteSpan bytes);

/// What to_base64() writes and nothing else: padding is required; white space, the other alphabet and bits beyond the
/// last byte are errors.
Result<Bytes> from_base64(std::string_view text);

/// The alphabet for URLs and file names, without padding, as JOSE writes it.
std::string to_base64url(ByteSpan bytes);

/// What to_base64url() writes and nothing else.
Result<Bytes> from_base64url(std::string_view text);

}  // namespace hallmark
