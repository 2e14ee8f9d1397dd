// SPDX-License-Identifier: Apache-2.0
// Tokens with which an administrator shows a key broker who they are: the side that accepts them.
// Source: common/jose/admin_token.hpp.
#pragma once

#include <ctime>
#include <string>
#include <string_view>

#include "common/jose/admin_token.hpp"
#include "common/jose/signing_key.hpp"
#include "common/result.hpp"

namespace hallmark::tokens {

/// Who an accepted token speaks for.
struct Administrator {
    std::string role;     ///< `role`, empty where the token names none
    std::string subject;  ///< `sub`, empty where the token names none
    std::string key;      ///< thumbprint of the key that signed it
};

/// Fault::kNo for any token that is not signed by `key` (Ed25519), has no exp or no iat, or is expired, not yet valid,
/// or made for longer than jose::kLongestAdminLifetime.
Result<Administrator> check_admin_token(std::string_view token, const jose::VerifyingKey& key, std::time_t now);

}  // namespace hallmark::tokens
