// SPDX-License-Identifier: Apache-2.0
// Where the data hub has the token from that a broker gave to this guest, and the key to which it encrypts.
#pragma once

#include <memory>
#include <string>

#include "common/bytes.hpp"
#include "common/deadline.hpp"
#include "common/jose/jwk.hpp"
#include "common/result.hpp"

namespace hallmark::hub {

struct KbsToken {
    std::string token;
    std::shared_ptr<const jose::KeyPair> key;
};

/// Called by several threads at once.
class TokenSource {
public:
    TokenSource() = default;
    TokenSource(const TokenSource&) = delete;
    TokenSource& operator=(const TokenSource&) = delete;
    virtual ~TokenSource() = default;

    /// One that may be used for several requests.
    virtual Result<KbsToken> token(Deadline deadline) = 0;
    /// This one is no good any more: the next is another.
    virtual void discard(const std::string& token) = 0;
};

/// The attestation agent's answer to GetToken("kbs"): {"token": the JWT, "tee_keypair": PEM}.
/// Source: Confidential Containers, guest-components 8246e5e, attestation-agent, token type "kbs".
Result<KbsToken> parse_kbs_token(ByteSpan answer);

}  // namespace hallmark::hub
