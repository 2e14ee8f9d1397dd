// SPDX-License-Identifier: Apache-2.0
// When a token is valid.
// Source: RFC 7519, sections 4.1.4 (exp), 4.1.5 (nbf) and 4.1.6 (iat).
#pragma once

#include <cstdint>
#include <ctime>
#include <string_view>

#include "common/bytes.hpp"
#include "common/json.hpp"
#include "common/result.hpp"

namespace hallmark::tokens {

/// By how much the clock of the token's maker may be ahead of ours, in seconds. Nothing lengthens `exp`.
inline constexpr std::int64_t kClockSkew = 60;

/// iat and exp are required, nbf is looked at where it is there. The token is made and valid at `now`, and not for
/// longer than `longest` seconds. `what` names the token in errors, which are all Fault::kNo.
Status check_validity(const JsonObject& claims, std::time_t now, std::uint64_t longest, std::string_view what);

/// The payload of a token as a JSON object; Fault::kNo where it is none.
Result<Json> claims_of(ByteSpan payload, std::string_view what);

/// Whatever was wrong with a token, the answer is no.
Error as_refusal(Error error, std::string_view what);

}  // namespace hallmark::tokens
