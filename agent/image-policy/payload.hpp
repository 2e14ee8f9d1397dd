// SPDX-License-Identifier: Apache-2.0
// What a signature says: that a name was given to an image.
// Source: containers-signature(5), containers/image 5.34; cosign, specs/SIGNATURE_SPEC.md (the same form, another
// type).
#pragma once

#include <string>
#include <string_view>

#include "agent/oci/digest.hpp"
#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::image_policy {

inline constexpr std::size_t kLargestPayload = std::size_t{64} * 1024;  ///< bytes

enum class PayloadKind { kSimpleSigning, kCosign };

struct Payload {
    oci::Digest manifest;
    std::string reference;  ///< as it stands there: anything
};

/// Strict in what counts: "critical" has exactly its members, of this kind's type. "optional" is there, an object (of
/// cosign also null); its creator is a string and its timestamp a whole number, whatever else it has.
Result<Payload> parse_payload(ByteSpan text, PayloadKind kind, const std::string& what);

}  // namespace hallmark::image_policy
