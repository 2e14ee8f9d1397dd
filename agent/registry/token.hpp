// SPDX-License-Identifier: Apache-2.0
// Tokens of registries: how one is asked for, what comes back, and those that still hold.
// Sources: CNCF Distribution, "Token Authentication Specification" and "OAuth2 Token Authentication"; RFC 6750.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "agent/registry/challenge.hpp"
#include "agent/registry/credentials.hpp"
#include "common/http/client.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::registry {

struct Token {
    Secret value;
    std::chrono::seconds life{60};  ///< from when it came; what the specification takes where nothing is said
};

/// The request for a token that allows to pull from the repository and nothing else, whatever the challenge asks for.
/// Wipe its headers and its body.
Result<http::Request> token_request(const Challenge& challenge, std::string_view repository, const Login* login);

/// What the token server answered.
Result<Token> parse_token(ByteSpan body, const std::string& what);

/// For several threads. A key is a registry and a repository.
class TokenCache {
public:
    /// "Authorization: Bearer …", or nothing where there is none that holds; wipe it.
    [[nodiscard]] std::string header(const std::string& key) const;
    void keep(const std::string& key, Token token);
    void forget(const std::string& key);

private:
    struct Entry {
        Secret value;
        std::chrono::steady_clock::time_point until;
    };
    mutable std::mutex mutex_;
    std::map<std::string, Entry> entries_;
};

}  // namespace hallmark::registry
