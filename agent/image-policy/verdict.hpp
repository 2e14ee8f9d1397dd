// SPDX-License-Identifier: Apache-2.0
// Whether an image may run.
#pragma once

#include <cstdint>
#include <string>

#include "agent/image-policy/image.hpp"
#include "agent/image-policy/policy.hpp"
#include "agent/image-policy/signature_source.hpp"
#include "agent/image-policy/trusted_keys.hpp"
#include "common/result.hpp"

namespace hallmark::image_policy {

/// All requirements of the image's scope hold. One line says which and by what: "docker.io/library/app:1: allowed by
/// transports.docker.'docker.io': signedBy: signature 1 by key 109D…". Fault::kNo says of the first that does not hold
/// why each signature was refused; Fault::kBadInput that a key of the policy cannot be had or read: then the image may
/// not run either.
///
/// `now` is in seconds since 1970. The host can set a guest's clock back: that a key expired keeps only hosts out that
/// do not lie about time; a revoked key is refused at any time.
Result<std::string> check_image(const Policy& policy, const Image& image, SignatureSource& source,
                                const GetResource& get, std::int64_t now);

}  // namespace hallmark::image_policy
