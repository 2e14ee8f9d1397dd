// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <expected>

#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::attestation {

// All of an exchange, with what is tried again, is over before callers give up: after 50 s.
inline constexpr std::chrono::milliseconds kConnect{4'000};
inline constexpr std::chrono::milliseconds kOneRequest{15'000};

/// What a relying party gave for this guest's evidence.
struct Token {
    Secret answer;              ///< as GetToken hands it out; may hold a private key
    std::chrono::seconds life;  ///< from when it was made; zero where it can't be told
};

/// Why there is no token.
struct Failure {
    Error error;            ///< with the relying party's own reason
    bool may_pass = false;  ///< nobody answered, or too many asked: another attempt may do better
};

/// One protocol in which evidence is exchanged for a token. Used by one thread at a time.
class TokenModule {
public:
    virtual ~TokenModule() = default;
    /// One whole exchange with fresh evidence.
    virtual std::expected<Token, Failure> get() = 0;
};

}  // namespace hallmark::attestation
