// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark {

/// Lower-case hexadecimal, two digits a byte.
std::string to_hex(ByteSpan bytes);

/// A number as "0x…", at least `digits` digits.
std::string hex_number(std::uint64_t value, int digits = 1);

/// Exactly 2·n hexadecimal digits, either case; anything else is an error.
Result<Bytes> from_hex(std::string_view text);

/// An unsigned number as people type it: decimal, or hexadecimal after 0x. The whole text must be the number.
Result<std::uint64_t> parse_number(std::string_view text);

}  // namespace hallmark
