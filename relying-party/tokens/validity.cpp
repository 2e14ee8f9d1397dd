// SPDX-License-Identifier: Apache-2.0
#include "relying-party/tokens/validity.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "common/text.hpp"

namespace hallmark::tokens {
namespace {

// Later times are no dates; nothing that is added to an earlier one overflows.
constexpr std::uint64_t kLatest = std::uint64_t{1} << 40;

/// RFC 7519 lets a NumericDate have a fraction; no maker of these tokens writes one.
Result<std::int64_t> time_claim(const JsonObject& claims, std::string_view name) {
    HALLMARK_TRY(const std::uint64_t value, claims.number(name));
    if (value > kLatest) return bad_input(claims.path_of(name) + ": no time in seconds since 1970");
    return static_cast<std::int64_t>(value);
}

}  // namespace

Error as_refusal(Error error, std::string_view what) {
    const bool named = error.message.starts_with(what);
    return {Fault::kNo, named ? std::move(error.message) : std::string(what) + ": " + error.message};
}

Result<Json> claims_of(ByteSpan payload, std::string_view what) {
    auto claims = parse_json(text_of(payload), what);
    if (!claims) return std::unexpected(as_refusal(claims.error(), what));
    if (!claims->is_object())
        return refused(std::string(what) + ": the payload is " + claims->type_name() +
                       ", expected an object of claims");
    return claims;
}

Status check_validity(const JsonObject& claims, std::time_t now, std::uint64_t longest, std::string_view what) {
    const std::string name(what);
    const auto made = time_claim(claims, "iat");
    if (!made) return std::unexpected(as_refusal(made.error(), what));
    const auto expires = time_claim(claims, "exp");
    if (!expires) return std::unexpected(as_refusal(expires.error(), what));
    auto begins = *made;
    if (claims.has("nbf")) {
        const auto not_before = time_claim(claims, "nbf");
        if (!not_before) return std::unexpected(as_refusal(not_before.error(), what));
        begins = std::max(begins, *not_before);
    }
    const std::int64_t at = now;
    if (at >= *expires) return refused(name + ": expired " + std::to_string(at - *expires) + " s ago; get a new one");
    if (at < begins - kClockSkew)
        return refused(name + ": not valid before " + std::to_string(begins - at) +
                       " s from now; compare the clocks of its maker and of this host");
    if (*expires < *made || static_cast<std::uint64_t>(*expires - *made) > longest)
        return refused(name + ": made for " + std::to_string(*expires - *made) + " s, expected at most " +
                       std::to_string(longest));
    return {};
}

}  // namespace hallmark::tokens
