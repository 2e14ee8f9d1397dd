// SPDX-License-Identifier: Apache-2.0
// Tokens of an attestation service that is asked directly. Source: Confidential Containers, Trustee,
// attestation-service/src/bin/restful/mod.rs (POST /challenge, POST /attestation), revision 0569726.
#pragma once

#include <optional>
#include <string>

#include "agent/attestation/config.hpp"
#include "agent/attestation/tokens.hpp"
#include "agent/evidence/source.hpp"
#include "common/http/client.hpp"

namespace hallmark::attestation {

/// The service's answer, a JWT. The evidence has as its report data the SHA-384 of the canonical {"nonce": what the
/// service gave, "tee-pubkey": a key made for this token}, both of which the token then says; so it is neither an old
/// one, nor one for another key. Other agents send no report data at all (guest-components, issue 465).
class ServiceTokens final : public TokenModule {
public:
    /// `evidence` outlives this. `init_data` is the document that the launch was bound to, where there is one.
    ServiceTokens(const Config& config, guest::EvidenceSource& evidence, std::optional<std::string> init_data);

    std::expected<Token, Failure> get() override;

private:
    std::expected<std::string, Failure> post(const std::string& path, const Json& body) const;
    Result<Json> request_for(const std::string& nonce) const;

    std::string url_;
    http::Authorities trusted_;
    jose::KeyKind key_kind_;
    guest::EvidenceSource& evidence_;
    std::optional<std::string> init_data_;
};

}  // namespace hallmark::attestation
