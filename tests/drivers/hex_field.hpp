// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "common/bytes.hpp"
#include "common/hex.hpp"
#include "common/result.hpp"

namespace hallmark {

/// A field of exactly that many bytes, from hexadecimal.
template <std::size_t kSize>
Result<std::array<std::uint8_t, kSize>> field(const std::string& hex) {
    HALLMARK_TRY(const Bytes bytes, from_hex(hex));
    std::array<std::uint8_t, kSize> field{};
    if (bytes.size() != field.size()) return bad_input("expected " + std::to_string(kSize) + " bytes");
    std::ranges::copy(bytes, field.begin());
    return field;
}

}  // namespace hallmark
