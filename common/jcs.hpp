// SPDX-License-Identifier: Apache-2.0
// The JSON Canonicalization Scheme: one text for each JSON value, to be hashed or signed.
// Source: RFC 8785; ECMA-262, section "Number::toString".
#pragma once

#include <string>

#include "common/json.hpp"
#include "common/result.hpp"

namespace hallmark {

/// The canonical text of a value. Refused: an integer beyond ±(2^53 - 1), which a double does not hold exactly (RFC
/// 8785, section 3.1: I-JSON), a number that is not finite, text that is not UTF-8.
Result<std::string> canonical(const Json& json);

}  // namespace hallmark
