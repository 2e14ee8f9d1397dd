// SPDX-License-Identifier: Apache-2.0
// A guest's way to its secrets: request, challenge, attestation, response. Whoever answers is not trusted with more
// than an owner's broker gets anyway: what it sends is bounded, and a secret opens only with the key made here.
// Source: Confidential Containers, Trustee's kbs/docs/kbs_attestation_protocol.md (version 0.4.0).
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/bytes.hpp"
#include "common/http/client.hpp"
#include "common/jose/jwk.hpp"
#include "common/json.hpp"
#include "common/kbs/broker.hpp"
#include "common/kbs/messages.hpp"
#include "common/kbs/versions.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::kbs {

struct GuestAccess {
    std::string url;                         ///< https://HOST[:PORT]
    std::filesystem::path certificate;       ///< PEM: trusted in place of the system's authorities; empty: those
    http::Authorities trusted{};             ///< the same, as text
    bool insecure_http = false;              ///< take http:// too: cookie and token are then readable, secrets are not
    const Version* version = &kVersions[0];  ///< of the protocol
    std::chrono::milliseconds connect{10'000};
    std::chrono::milliseconds whole{30'000};  ///< of one request
};

/// One request and what became of it, for an account of it.
struct Exchange {
    std::string_view method;
    std::string url;
    std::size_t sent = 0;              ///< bytes of the body
    std::optional<http::Cause> cause;  ///< why nothing came back
    int status = 0;
    std::size_t received = 0;  ///< bytes of the body
    Refusal refusal;           ///< of a status that is not 200
    bool may_pass = false;     ///< nobody answered, or the broker is busy: another attempt may do better
};

/// Errors of Fault::kNo are the broker's: its type and detail, in one line.
class GuestClient {
public:
    /// With a fresh key on P-256. Nothing is sent. `tee` as the protocol names it: "snp", "tdx".
    static Result<GuestClient> open(GuestAccess access, std::string tee);
    /// With that key.
    static Result<GuestClient> open(GuestAccess access, std::string tee, jose::KeyPair key);

    /// Begins a session: what the evidence must have as its report data.
    [[nodiscard]] Result<ReportData> challenge();
    /// Gives the evidence for the last challenge (Trustee's JSON of the TEE), and takes the token for it.
    [[nodiscard]] Status attest(Json evidence, const std::optional<std::string>& init_data = std::nullopt);
    /// A secret, REPOSITORY/TYPE/TAG, in the session that was attested.
    [[nodiscard]] Result<Secret> resource(std::string_view path);

    /// Empty until the evidence was taken.
    [[nodiscard]] const std::string& token() const { return token_; }
    [[nodiscard]] const jose::KeyPair& key() const { return key_; }

    /// The last request; without a method where there was none.
    [[nodiscard]] const Exchange& last() const { return last_; }

private:
    GuestClient(GuestAccess access, std::string tee, jose::KeyPair key)
        : access_(std::move(access)), tee_(std::move(tee)), key_(std::move(key)) {}
    /// The body of an answer with status 200; its cookie is kept.
    Result<Bytes> perform(std::string_view method, std::string_view path, std::string_view body, std::size_t largest);

    GuestAccess access_;
    http::Session http_;
    std::string tee_;
    jose::KeyPair key_;
    std::string nonce_;
    std::string cookie_;
    std::string token_;
    Exchange last_;
};

}  // namespace hallmark::kbs
