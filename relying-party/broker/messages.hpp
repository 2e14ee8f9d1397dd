// SPDX-License-Identifier: Apache-2.0
// The bodies of auth and attest, and what binds evidence to them.
// Source: Confidential Containers, Trustee's kbs/docs/kbs_attestation_protocol.md; RFC 8785 (JCS).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/json.hpp"
#include "common/kbs/versions.hpp"
#include "common/result.hpp"
#include "relying-party/verifier/verified.hpp"

namespace hallmark::broker {

using kbs::Version;

struct AuthRequest {
    const Version* version = nullptr;
    verifier::Tee tee = verifier::Tee::kSnp;
};

/// Refuses versions and TEEs that can't be served, so that no client makes evidence in vain.
Result<AuthRequest> parse_auth(std::string_view body);

struct AttestRequest {
    std::string nonce;  ///< as the client repeats it; empty in versions that don't
    Json tee_pubkey;    ///< a JWK of strings only: EC or RSA, no member that is not known
    Json evidence;      ///< of the TEE that auth named, as parse_json_with_bytes() makes it
    std::string additional_evidence;
    std::optional<std::string> init_data;  ///< the document itself, TOML
};

/// Bounds and shapes only: neither the key nor the evidence has been looked at.
Result<AttestRequest> parse_attest(const Version& version, std::string_view body);

/// What the evidence must have as its report data: SHA-384 over the canonical form, zeros up to 64 bytes.
Result<std::array<std::uint8_t, 64>> expected_report_data(const Version& version, const std::string& nonce,
                                                          const AttestRequest& request);

/// In constant time for texts of one length.
bool same_secret(std::string_view a, std::string_view b);

}  // namespace hallmark::broker
