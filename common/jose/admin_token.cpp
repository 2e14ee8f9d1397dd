// SPDX-License-Identifier: Apache-2.0
#include "common/jose/admin_token.hpp"

#include "common/bytes.hpp"
#include "common/jose/jws.hpp"
#include "common/json.hpp"

namespace hallmark::jose {

Result<std::string> make_admin_token(const SigningKey& key, const AdminClaims& claims, std::time_t now,
                                     std::uint32_t lifetime) {
    if (key.algorithm() != SignatureAlgorithm::kEdDsa)
        return bad_input("admin token: the key is not Ed25519; `openssl genpkey -algorithm ed25519` makes one");
    Json payload = {{"iat", now}, {"nbf", now}, {"exp", now + static_cast<std::time_t>(lifetime)}};
    if (!claims.role.empty()) payload["role"] = claims.role;
    if (!claims.subject.empty()) payload["sub"] = claims.subject;
    if (!claims.issuer.empty()) payload["iss"] = claims.issuer;
    if (!claims.audience.empty()) payload["aud"] = claims.audience;
    const auto text = payload.dump(-1, ' ', false, Json::error_handler_t::replace);
    return sign(Json{{"typ", "JWT"}}, as_bytes(text), key);
}

}  // namespace hallmark::jose
