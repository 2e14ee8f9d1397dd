// SPDX-License-Identifier: Apache-2.0
// ASCII armour around OpenPGP packets.
// Source: RFC 9580, section 6; RFC 4880, section 6 (the checksum, which older programs require).
#pragma once

#include <string>

#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::image_policy::openpgp {

/// What stands between BEGIN PGP PUBLIC KEY BLOCK and its end, of each such block one behind the other; or the bytes as
/// they are, where they begin with a packet. Where a block has a checksum, it must be right. Private keys are refused.
Result<Bytes> without_armor(ByteSpan keyring, const std::string& what);

}  // namespace hallmark::image_policy::openpgp
