// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <ctime>
#include <string_view>

namespace hallmark::attestation {

/// How long a token lives that was made just now: what lies between its `iat` and `exp`, so that a wrong clock here
/// changes nothing; from `now` where it has no `iat`. Zero where it has no `exp`, or is none. The signature is not
/// checked: nothing but the cache relies on this. Source: RFC 7519, sections 4.1.4 and 4.1.6.
std::chrono::seconds token_life(std::string_view token, std::time_t now);

}  // namespace hallmark::attestation
