// SPDX-License-Identifier: Apache-2.0
// Members of Intel's JSON documents, as values.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

#include "common/hex.hpp"
#include "common/json.hpp"
#include "common/result.hpp"
#include "relying-party/verifier/tdx/utc_time.hpp"

namespace hallmark::verifier {

/// Exactly so many bytes in hexadecimal, either case.
template <std::size_t kSize>
Result<std::array<std::uint8_t, kSize>> hex_member(const JsonObject& object, std::string_view key) {
    HALLMARK_TRY(const std::string text, object.string(key));
    const auto bytes = from_hex(text);
    if (!bytes || bytes->size() != kSize)
        return bad_input(object.path_of(key) + ": expected " + std::to_string(kSize) + " bytes in hexadecimal");
    std::array<std::uint8_t, kSize> value{};
    std::ranges::copy(*bytes, value.begin());
    return value;
}

inline Result<std::time_t> time_member(const JsonObject& object, std::string_view key) {
    HALLMARK_TRY(const std::string text, object.string(key));
    return parse_utc(text, object.path_of(key));
}

/// A whole number up to `most`.
inline Result<std::uint64_t> number_member(const JsonObject& object, std::string_view key, std::uint64_t most) {
    HALLMARK_TRY(const auto number, object.number(key));
    if (number <= most) return number;
    return bad_input(object.path_of(key) + ": found " + std::to_string(number) + ", expected at most " +
                     std::to_string(most));
}

}  // namespace hallmark::verifier
