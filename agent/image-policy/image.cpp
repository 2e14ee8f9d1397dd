// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/image.hpp"

#include <algorithm>

#include "agent/oci/text.hpp"

namespace hallmark::image_policy {

bool has_digest(const Image& image, const oci::Digest& digest) {
    return std::ranges::any_of(
        image.manifests, [&](ByteSpan manifest) { return oci::Digest::of(manifest, digest.algorithm) == digest; });
}

Status check_payload(const Payload& payload, const Image& image, const SignedIdentity& identity) {
    if (!has_digest(image, payload.manifest)) {
        std::string found;
        for (const auto manifest : image.manifests)
            found += (found.empty() ? "" : " or ") + oci::Digest::of(manifest, payload.manifest.algorithm).text();
        return refused("signed " + payload.manifest.text() + ", expected " + found);
    }
    if (!identity.accepts(image.reference, payload.reference))
        return refused("signed for '" + oci::printable(payload.reference) + "', which " + identity.text() +
                       " does not take for " + image.reference.text());
    return {};
}

}  // namespace hallmark::image_policy
