// SPDX-License-Identifier: Apache-2.0
// What a guest sends to a key broker, what binds its evidence to that, and what it reads of the answers.
// Source: Confidential Containers, Trustee's kbs/docs/kbs_attestation_protocol.md (version 0.4.0; versions.hpp); RFC
// 8785 (JCS); RFC 6265, section 4.1 (Set-Cookie).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/bytes.hpp"
#include "common/jose/jwk.hpp"
#include "common/json.hpp"
#include "common/kbs/versions.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::kbs {

/// What the evidence must have as its report data.
using ReportData = std::array<std::uint8_t, 64>;
/// Of that the digest, in bytes; zeros stand behind it.
inline constexpr std::size_t kReportDigestSize = 48;

/// Longer answers are not read, in bytes.
inline constexpr std::size_t kLargestChallenge = 16 * 1024;
inline constexpr std::size_t kLargestTokenAnswer = 256 * 1024;
inline constexpr std::size_t kLargestResource = 6 * 1024 * 1024;  // a secret of 4 MiB, encrypted and in base64

/// The body of auth; `tee` as the protocol names it: "snp", "tdx".
std::string auth_request(std::string_view tee, const Version& version = kVersions[0]);

/// The nonce in the answer to auth. Refused: a nonce that no broker would send, and another hash than SHA-384.
Result<std::string> parse_challenge(std::string_view body);

/// SHA-384 over the canonical form of nonce, key and, since 0.3.0, the (empty) evidence of other devices; zeros up to
/// 64 bytes.
Result<ReportData> report_data_of(std::string_view nonce, const jose::Jwk& tee_pubkey,
                                  const Version& version = kVersions[0]);

/// The body of attest. `init_data` is the document itself (TOML), of which the TEE vouches for the digest; versions
/// before 0.4.0 have no place for it.
std::string attest_request(std::string_view nonce, const jose::Jwk& tee_pubkey, Json evidence,
                           const std::optional<std::string>& init_data = std::nullopt,
                           const Version& version = kVersions[0]);

/// A token is three parts in base64url, and so fits into a header. `where` names it in the error.
Status check_token(std::string_view token, const std::string& where);

/// The token in the answer to attest. Its signature is for others to check.
Result<std::string> parse_token(std::string_view body);

/// "kbs-session-id=…", fit for a request's Cookie; nothing where no such cookie is set.
Result<std::optional<std::string>> session_cookie_of(std::span<const std::string> set_cookies);

/// The secret in the answer to a resource request.
Result<Secret> open_resource(std::string_view body, const jose::KeyPair& key);

/// REPOSITORY/TYPE/TAG, as it may stand in an address.
Status check_resource_path(std::string_view path);

}  // namespace hallmark::kbs
