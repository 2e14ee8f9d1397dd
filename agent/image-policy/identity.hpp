// SPDX-License-Identifier: Apache-2.0
// Which names in signatures are names of the image that was asked for.
// Source: containers-policy.json(5), containers/image 5.34, section "signedIdentity".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/oci/reference.hpp"
#include "common/json.hpp"
#include "common/result.hpp"

namespace hallmark::image_policy {

enum class Match : std::uint8_t {
    kMatchExact,              ///< the whole name
    kMatchRepoDigestOrExact,  ///< the repository, where the image was asked for by digest; else the whole name
    kMatchRepository,         ///< the repository
    kExactReference,          ///< one name that the policy tells
    kExactRepository,         ///< one repository that the policy tells
    kRemapIdentity,           ///< as kMatchRepoDigestOrExact, of the name that a mirror stands for
};

struct SignedIdentity {
    Match match = Match::kMatchRepoDigestOrExact;
    std::string reference;      ///< of kExactReference and kExactRepository
    std::string prefix;         ///< of kRemapIdentity: a registry, namespace or repository
    std::string signed_prefix;  ///< what signatures have in its place

    /// The member "signedIdentity" of a requirement.
    static Result<SignedIdentity> parse(const JsonObject& object);

    /// A signature for `signed_reference` is one for this image. An image that is asked for by tag and digest is asked
    /// for by digest: nothing has ever looked at its tag.
    [[nodiscard]] bool accepts(const oci::Reference& image, std::string_view signed_reference) const;
    /// "matchExact", "exactReference registry/app:1"
    [[nodiscard]] std::string text() const;
};

}  // namespace hallmark::image_policy
