// SPDX-License-Identifier: Apache-2.0
// Points in time as Intel's collateral writes them. Source: ISO 8601; RFC 3339.
#pragma once

#include <ctime>
#include <string>
#include <string_view>

#include "common/openssl.hpp"
#include "common/result.hpp"

namespace hallmark::verifier {

/// "2025-10-27T13:07:17Z" and nothing looser. `what` names its place in errors.
Result<std::time_t> parse_utc(std::string_view text, std::string_view what);

/// The same way.
std::string utc_text(std::time_t time);

/// A time of a certificate or a revocation list.
Result<std::time_t> time_of(const ASN1_TIME* time, std::string_view what);

}  // namespace hallmark::verifier
