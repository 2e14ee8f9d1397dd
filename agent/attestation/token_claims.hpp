// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "common/json.hpp"
#include "common/result.hpp"

namespace hallmark::attestation {

/// The claims of a token (RFC 7519). Its signature is not checked: it is for whoever relies on them.
Result<Json> unverified_claims(std::string_view token);

}  // namespace hallmark::attestation
