// SPDX-License-Identifier: Apache-2.0
// Simple signatures that a registry keeps itself.
// Source: containers/image 5.34, docs/signature-protocols.md, "OpenShift docker/distribution API extension":
// X-Registry-Supports-Signatures, GET /extensions/v2/<repository>/signatures/<digest>.
#pragma once

#include <string>
#include <vector>

#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::image_policy {

inline constexpr std::size_t kLargestSignatureList = std::size_t{4} << 20;  ///< bytes

/// The messages of OpenPGP in the answer; signatures of other kinds are passed over.
Result<std::vector<Bytes>> parse_signature_list(ByteSpan answer, const std::string& what);

}  // namespace hallmark::image_policy
