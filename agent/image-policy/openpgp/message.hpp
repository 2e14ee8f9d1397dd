// SPDX-License-Identifier: Apache-2.0
// A signed message of OpenPGP, as simple signing has it: data and one signature over it, compressed or not.
// Source: RFC 9580, sections 5.4 (one-pass signatures), 5.6 (compressed data), 5.9 (literal data), 10.3 (messages).
#pragma once

#include <string>

#include "agent/image-policy/openpgp/signature.hpp"
#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::image_policy::openpgp {

/// Of the message as it comes, and of what it holds when decompressed, in bytes; a payload has some 300.
inline constexpr std::size_t kLargestMessage = std::size_t{64} * 1024;

struct SignedMessage {
    Signature signature;
    Bytes data;
};

/// Data and exactly one signature of version 4; GnuPG compresses both by default (ZIP, or ZLIB; BZip2 is refused).
Result<SignedMessage> parse_message(ByteSpan message, const std::string& what);

}  // namespace hallmark::image_policy::openpgp
