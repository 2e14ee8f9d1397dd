// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bytes.hpp"
#include "common/json.hpp"
#include "common/result.hpp"

namespace hallmark::storage {

/// The one set of parameters with which a device is opened, as a LUKS2 header says it. AES-256 in XTS mode, each
/// sector of 4,096 bytes with a tag (HMAC-SHA-256 over its number and its ciphertext); one key slot, opened by PBKDF2
/// at its cheapest: keys have full entropy. No token, no flag, no requirement, no other segment.
Status check_metadata(const Json& metadata);

/// Both copies of the header in the first bytes of a device, and what they say.
Status check_header(ByteSpan device);

}  // namespace hallmark::storage
