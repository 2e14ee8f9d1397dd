// SPDX-License-Identifier: Apache-2.0
// Signatures that cosign keeps in the registry, beside the image.
// Source: cosign, specs/SIGNATURE_SPEC.md: the tag sha256-<hex>.sig, one layer for each signature.
#pragma once

#include <string>
#include <vector>

#include "agent/image-policy/attachment_store.hpp"
#include "agent/image-policy/signature_source.hpp"
#include "agent/oci/descriptor.hpp"
#include "agent/oci/digest.hpp"
#include "agent/oci/reference.hpp"
#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::image_policy {

inline constexpr std::size_t kLargestSignatureManifest = std::size_t{1} << 20;  ///< bytes

/// "registry/repository:sha256-<hex>.sig"
oci::Reference cosign_tag(const oci::Reference& image, const oci::Digest& manifest);

/// A layer with a signature.
struct SignatureLayer {
    oci::Descriptor payload;
    std::string signature;  ///< base64
};

/// Layers that are no signatures are passed over, as cosign keeps other things beside them in later versions.
Result<std::vector<SignatureLayer>> parse_signature_manifest(ByteSpan manifest, const std::string& what);

/// All signatures of a manifest, the payloads' digests checked.
Result<std::vector<SigstoreSignature>> cosign_signatures(const oci::Reference& image, const oci::Digest& manifest,
                                                         AttachmentStore& store);

}  // namespace hallmark::image_policy
