// SPDX-License-Identifier: Apache-2.0
// What a policy demands of an image.
// Source: containers-policy.json(5), containers/image 5.34, section "Policy Requirements".
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agent/image-policy/identity.hpp"
#include "common/bytes.hpp"
#include "common/json.hpp"
#include "common/result.hpp"

namespace hallmark::image_policy {

/// Of a list of requirements, and of keys in one.
inline constexpr std::size_t kMostRequirements = 64;
inline constexpr std::size_t kMostKeys = 64;

/// Keys that a requirement trusts: each of them.
struct TrustedKeys {
    std::vector<std::string> places;  ///< absolute paths and kbs:/// URIs
    std::vector<Bytes> data;          ///< files as they are
};

struct AcceptAnything {};
struct Reject {};

/// A simple signature of GPG.
struct SignedBy {
    TrustedKeys keys;
    SignedIdentity identity;
};

/// A signature as cosign stores it, with a key.
struct SigstoreSigned {
    TrustedKeys keys;
    SignedIdentity identity;
};

using Requirement = std::variant<AcceptAnything, Reject, SignedBy, SigstoreSigned>;

/// The name that the policy has for its type.
std::string_view name_of(const Requirement& requirement);

/// Strict: an unknown type or key is an error, and so is what this version cannot check.
Result<Requirement> parse_requirement(const JsonObject& object);

}  // namespace hallmark::image_policy
