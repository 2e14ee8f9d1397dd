// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "agent/oci/digest.hpp"
#include "agent/oci/reference.hpp"
#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::image_policy {

/// Of one manifest, in one place.
inline constexpr std::size_t kMostSignatures = 128;

/// A signature as cosign stores it: what was signed, and the annotation with the signature.
struct SigstoreSignature {
    Bytes payload;
    std::string signature;  ///< base64
};

/// Where signatures of images come from. Nothing that it gives is trusted. An image without signatures is no error: the
/// lists are empty.
class SignatureSource {
public:
    SignatureSource() = default;
    SignatureSource(const SignatureSource&) = delete;
    SignatureSource& operator=(const SignatureSource&) = delete;
    virtual ~SignatureSource() = default;

    /// Messages of OpenPGP.
    virtual Result<std::vector<Bytes>> simple_signatures(const oci::Reference& image, const oci::Digest& manifest) = 0;
    virtual Result<std::vector<SigstoreSignature>> sigstore_signatures(const oci::Reference& image,
                                                                       const oci::Digest& manifest) = 0;
};

}  // namespace hallmark::image_policy
