// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "agent/image-policy/identity.hpp"
#include "agent/image-policy/payload.hpp"
#include "agent/oci/digest.hpp"
#include "agent/oci/reference.hpp"
#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::image_policy {

/// What is asked about.
struct Image {
    /// As it was asked for. Where it has a digest, the digest counts and not the tag.
    oci::Reference reference;
    /// The image's manifest, and the index that names it by digest where there is one; as they came, not empty.
    std::vector<ByteSpan> manifests;
};

/// The payload is about this image: about one of its manifests, and by a name that the identity takes.
Status check_payload(const Payload& payload, const Image& image, const SignedIdentity& identity);

/// One of the manifests has this digest.
bool has_digest(const Image& image, const oci::Digest& digest);

}  // namespace hallmark::image_policy
