// SPDX-License-Identifier: Apache-2.0
// The owner's word on which images may run: containers-policy.json.
// Source: containers-policy.json(5), containers/image 5.34; the order of scopes, docker/policyconfiguration there.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/image-policy/requirement.hpp"
#include "agent/oci/reference.hpp"
#include "common/result.hpp"

namespace hallmark::image_policy {

inline constexpr std::size_t kLargestPolicy = std::size_t{1} << 20;  ///< bytes

/// Never empty; all must hold.
using Requirements = std::vector<Requirement>;

/// Scopes from which an image's requirements may come, the first that the policy has counts: the whole name, the
/// repository, its namespaces up to the registry, "*.domain" for each domain above it. Of an image with tag and digest
/// the digest is the whole name.
std::vector<std::string> scopes_of(const oci::Reference& image);

class Policy {
public:
    /// `what` names it in errors. Strict: unknown and repeated keys, unknown types and empty lists are errors; so is
    /// what this version cannot check, wherever it stands. Transports other than docker are looked at only for their
    /// form.
    static Result<Policy> parse(std::string_view text, std::string_view what);

    /// What holds for an image of a registry, and the scope that it comes from: "default", "transports.docker.''".
    struct Found {
        const Requirements& requirements;
        std::string scope;
    };
    [[nodiscard]] Found find(const oci::Reference& image) const;

private:
    Requirements default_;
    std::map<std::string, Requirements, std::less<>> docker_;
};

}  // namespace hallmark::image_policy
