// SPDX-License-Identifier: Apache-2.0
// The errors of the KBS protocol.
// Source: Confidential Containers, Trustee's kbs/docs/kbs_attestation_protocol.md, "Error handling", and RFC 7807.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "relying-party/broker/http_message.hpp"

namespace hallmark::broker {

/// Clients read the name to tell "attest again" (kTokenNotFound, kTokenVerifierError) from "denied".
enum class Variant : std::uint8_t {
    kAdminAuthAccess,
    kAttestationError,
    kInvalidRequestPath,
    kJweError,
    kParsePolicyError,
    kPluginInternalError,
    kPluginNotFound,
    kPolicyDeny,
    kPolicyEngineError,
    kRvpsError,
    kSerdeError,
    kTokenNotFound,
    kTokenVerifierError,
};

struct Refusal {
    Variant variant = Variant::kPolicyDeny;
    std::string detail;  ///< for whoever asked: no secret, no token
    bool later = false;  ///< another attempt may do better
};

/// A value or a refusal.
template <class T>
struct [[nodiscard]] Outcome : std::expected<T, Refusal> {
    using std::expected<T, Refusal>::expected;
};

inline std::unexpected<Refusal> refuse(Variant variant, std::string detail) {
    return std::unexpected(Refusal{variant, std::move(detail)});
}

/// "PolicyDeny"
std::string_view name_of(Variant variant);

/// 404 for a path or a plugin that is not there, 401 for everything else, as Trustee answers; 503 where another attempt
/// may do better.
Response response_to(const Refusal& refusal);

}  // namespace hallmark::broker
