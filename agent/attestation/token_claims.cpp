// SPDX-License-Identifier: Apache-2.0
#include "agent/attestation/token_claims.hpp"

#include "common/base64.hpp"
#include "common/text.hpp"

namespace hallmark::attestation {

Result<Json> unverified_claims(std::string_view token) {
    const auto first = token.find('.');
    const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
    if (second == std::string_view::npos) return bad_input("token: expected three parts with dots between them");
    HALLMARK_TRY(const Bytes payload, from_base64url(token.substr(first + 1, second - first - 1)));
    const std::string_view text = text_of(payload);
    HALLMARK_TRY(Json claims, parse_json(text, "token"));
    if (!claims.is_object()) return bad_input("token: its claims are no object");
    return claims;
}

}  // namespace hallmark::attestation
