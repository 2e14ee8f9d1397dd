// SPDX-License-Identifier: Apache-2.0
// Tokens with which an administrator of a key broker shows who they are.
// Source: RFC 7519 (JWT), RFC 8037 (EdDSA); Confidential Containers' Trustee: kbs-client signs with Ed25519 and gives
// iat, nbf and exp two hours later; bearer_jwt of KBS requires `role` and, where configured, `iss`.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

#include "common/jose/signing_key.hpp"
#include "common/result.hpp"

namespace hallmark::tokens {

/// How long kbs-client's tokens live, in seconds; the longest that is accepted.
inline constexpr std::uint32_t kLongestAdminLifetime = 2 * 60 * 60;

/// Who an accepted token speaks for.
struct Administrator {
    std::string role;     ///< `role`, empty where the token names none
    std::string subject;  ///< `sub`, empty where the token names none
    std::string key;      ///< thumbprint of the key that signed it
};

/// A compact JWS (EdDSA) with iat, nbf, exp and `role`. `lifetime` in seconds.
Result<std::string> make_admin_token(const jose::SigningKey& key, std::string_view role, std::time_t now,
                                     std::uint32_t lifetime = kLongestAdminLifetime);

/// Fault::kNo for any token that is not signed by `key`, has no exp or no iat, or is expired, not yet valid, or valid
/// for longer than kLongestAdminLifetime.
Result<Administrator> check_admin_token(std::string_view token, const jose::VerifyingKey& key, std::time_t now);

}  // namespace hallmark::tokens
