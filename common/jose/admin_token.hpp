// SPDX-License-Identifier: Apache-2.0
// Tokens with which an administrator shows a key broker who they are: the side that makes them.
// Source: RFC 7519 (JWT), RFC 8037 (EdDSA); Confidential Containers' Trustee: kbs-client signs with Ed25519 and gives
// iat, nbf and exp two hours later; bearer_jwt of KBS requires `role` and, where configured, `iss` and `aud`.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>

#include "common/jose/signing_key.hpp"
#include "common/result.hpp"

namespace hallmark::jose {

/// How long kbs-client's tokens live, in seconds; the longest that our broker accepts.
inline constexpr std::uint32_t kLongestAdminLifetime = 2 * 60 * 60;

/// What an empty text names is left out of the token.
struct AdminClaims {
    std::string role;
    std::string subject;
    std::string issuer;
    std::string audience;
};

/// A compact JWS (EdDSA) with iat and nbf `now` and exp `lifetime` seconds later. The key must be Ed25519.
Result<std::string> make_admin_token(const SigningKey& key, const AdminClaims& claims, std::time_t now,
                                     std::uint32_t lifetime = kLongestAdminLifetime);

}  // namespace hallmark::jose
