// SPDX-License-Identifier: Apache-2.0
// What a signature says about itself and the key.
// Source: RFC 9580, section 5.2.3.7 (lengths, the critical bit) and the sections after it.
#pragma once

#include <string>

#include "agent/image-policy/openpgp/signature.hpp"
#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::image_policy::openpgp {

enum class Area { kHashed, kUnhashed };

/// A critical subpacket that is not known is an error; so is one of those that count standing twice among what is
/// signed.
Status read_subpackets(ByteSpan area, Area kind, Subpackets& into, const std::string& what);

}  // namespace hallmark::image_policy::openpgp
