// SPDX-License-Identifier: Apache-2.0
#include "agent/attestation/token_life.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "agent/attestation/token_claims.hpp"
#include "common/json.hpp"

namespace hallmark::attestation {
namespace {

constexpr std::int64_t kLongestLife = 24 * 3600;
constexpr std::int64_t kLatest = 253'402'300'799;  // the year 9999

std::optional<std::int64_t> seconds_of(const Json& claims, const char* key) {
    const auto found = claims.find(key);
    if (found == claims.end() || !found->is_number()) return std::nullopt;
    // A fraction is allowed, and cut off.
    const double value =
        found->is_number_float() ? found->get<double>() : static_cast<double>(found->get<std::int64_t>());
    if (!(value >= 0 && value <= static_cast<double>(kLatest))) return std::nullopt;
    return static_cast<std::int64_t>(value);
}

}  // namespace

std::chrono::seconds token_life(std::string_view token, std::time_t now) {
    const auto claims = unverified_claims(token);
    if (!claims) return {};
    const auto end = seconds_of(*claims, "exp");
    if (!end) return {};
    const auto begin = seconds_of(*claims, "iat").value_or(static_cast<std::int64_t>(now));
    return std::chrono::seconds(std::clamp<std::int64_t>(*end - begin, 0, kLongestLife));
}

}  // namespace hallmark::attestation
