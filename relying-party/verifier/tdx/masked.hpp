// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "common/bytes.hpp"

namespace hallmark::verifier {

/// Whether two values are the same in every bit of the mask; all three have one size.
inline bool equal_under(ByteSpan found, ByteSpan expected, ByteSpan mask) {
    if (found.size() != expected.size() || found.size() != mask.size()) return false;
    for (std::size_t i = 0; i < found.size(); ++i)
        if (((found[i] ^ expected[i]) & mask[i]) != 0) return false;
    return true;
}

}  // namespace hallmark::verifier
