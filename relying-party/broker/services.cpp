// SPDX-License-Identifier: Apache-2.0
#include "relying-party/broker/services.hpp"

#include "common/digest.hpp"
#include "common/hex.hpp"

namespace hallmark::broker {

std::string digest_of(std::string_view text) {
    constexpr std::size_t kBytes = 8;
    const Sha256 digest = sha256(as_bytes(text));
    return to_hex(ByteSpan(digest).first(kBytes));
}

}  // namespace hallmark::broker
