// SPDX-License-Identifier: Apache-2.0
#include "relying-party/tokens/admin_token.hpp"

#include <cstddef>
#include <utility>

#include "common/jose/jws.hpp"
#include "common/json.hpp"
#include "relying-party/tokens/validity.hpp"

namespace hallmark::tokens {
namespace {

constexpr std::string_view kWhat = "admin token";
constexpr std::size_t kLongestAdminToken = 8 * 1024;
constexpr std::size_t kLongestName = 256;  // goes into the audit log

/// A text that names somebody, empty where it is missing.
Result<std::string> name_claim(const JsonObject& claims, std::string_view key) {
    if (!claims.has(key)) return std::string();
    auto text = claims.string(key);
    if (!text) return std::unexpected(as_refusal(text.error(), kWhat));
    if (text->size() > kLongestName)
        return refused(claims.path_of(key) + ": " + std::to_string(text->size()) + " bytes, expected at most " +
                       std::to_string(kLongestName));
    return text;
}

}  // namespace

Result<Administrator> check_admin_token(std::string_view token, const jose::VerifyingKey& key, std::time_t now,
                                        std::uint32_t longest) {
    if (key.algorithm() != jose::SignatureAlgorithm::kEdDsa)
        return refused("admin token: the configured public key is not Ed25519");
    const auto jws = jose::verify(token, key, kLongestAdminToken);
    if (!jws) return std::unexpected(as_refusal(jws.error(), kWhat));
    HALLMARK_TRY(const Json json, claims_of(jws->payload, kWhat));
    HALLMARK_TRY(const auto claims, JsonObject::of(json, std::string(kWhat)));
    HALLMARK_CHECK(check_validity(claims, now, longest, kWhat));
    Administrator result{.role = {}, .subject = {}, .key = key.thumbprint()};
    HALLMARK_TRY(result.role, name_claim(claims, "role"));
    HALLMARK_TRY(result.subject, name_claim(claims, "sub"));
    return result;
}

}  // namespace hallmark::tokens
