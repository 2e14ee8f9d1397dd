// SPDX-License-Identifier: Apache-2.0
#include "common/jose/jwe.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/base64.hpp"
#include "common/jose/content.hpp"
#include "common/jose/ecdh_es.hpp"
#include "common/jose/jwe_members.hpp"
#include "common/jose/rsa_oaep.hpp"
#include "common/text.hpp"

namespace hallmark::jose {
namespace {

/// No compression, no other algorithm, no header parameter that changes how the key is derived. The ephemeral key,
/// where the algorithm has one.
Result<std::optional<Jwk>> read_header(const Json& json, const Jwk& own) {
    HALLMARK_TRY(const auto header, JsonObject::of(json, "JWE header"));
    HALLMARK_CHECK(header.only({"alg", "enc", "epk", "kid", "typ"}));
    HALLMARK_TRY(const std::string algorithm, header.string("alg"));
    HALLMARK_TRY(const std::string encryption, header.string("enc"));
    if (algorithm != name_of(own.algorithm()))
        return refused(header.path_of("alg") + ": found another algorithm, expected " +
                       std::string(name_of(own.algorithm())) + ", that of the key");
    if (encryption != kContentEncryption)
        return refused(header.path_of("enc") + ": found another algorithm, expected " +
                       std::string(kContentEncryption));
    if (own.algorithm() == KeyManagement::kEcdhEsA256Kw) {
        HALLMARK_TRY(Jwk key, parse_ephemeral_key(header, own));
        return key;
    }
    if (header.has("epk")) return bad_input(header.path_of("epk") + ": belongs to ECDH-ES only");
    return std::nullopt;
}

struct Parts {
    std::optional<Jwk> ephemeral;
    Bytes encrypted_key;
    Sealed sealed;
};

Result<Parts> read_parts(const Json& json, const Jwk& own) {
    HALLMARK_TRY(const auto object, JsonObject::of(json, "JWE"));
    HALLMARK_CHECK(object.only({"protected", "encrypted_key", "iv", "ciphertext", "tag"}));
    HALLMARK_TRY(const Bytes text, decoded(object, "protected", 2, kLongestHeader));
    Parts parts;
    HALLMARK_TRY(parts.encrypted_key, decoded(object, "encrypted_key", 1, kLongestWrappedKey));
    HALLMARK_TRY(parts.sealed, sealed_content(object));
    HALLMARK_TRY(const Json header, parse_json(text_of(text), "JWE header"));
    HALLMARK_TRY(parts.ephemeral, read_header(header, own));
    return parts;
}

Result<Secret> unwrap(const Parts& parts, const KeyPair& key) {
    if (parts.ephemeral) return unwrap_with_ec(*key.handle(), *parts.ephemeral->handle(), parts.encrypted_key);
    return decrypt_oaep(*key.handle(), parts.encrypted_key);
}

/// Adds to the header what the other side needs besides.
Result<Bytes> wrap(ByteSpan content_key, const Jwk& to, Json& header) {
    if (to.algorithm() == KeyManagement::kRsaOaep256) return encrypt_oaep(*to.handle(), content_key);
    HALLMARK_TRY(auto wrapped, wrap_for_ec(*to.handle(), content_key));
    header["epk"] = {{"crv", to.json()["crv"]},
                     {"kty", "EC"},
                     {"x", to_base64url(wrapped.ephemeral.x)},
                     {"y", to_base64url(wrapped.ephemeral.y)}};
    return std::move(wrapped.encrypted_key);
}

}  // namespace

Result<Json> encrypt(ByteSpan plaintext, const Jwk& to) {
    if (plaintext.size() > kLongestPlaintext)
        return bad_input("JWE: " + std::to_string(plaintext.size()) + " bytes to encrypt, expected at most " +
                         std::to_string(kLongestPlaintext));
    HALLMARK_TRY(const Secret content_key, new_content_key());
    Json header = {{"alg", name_of(to.algorithm())}, {"enc", kContentEncryption}};
    HALLMARK_TRY(const Bytes encrypted_key, wrap(content_key.bytes(), to, header));
    const auto protected_header = to_base64url(as_bytes(header.dump()));
    HALLMARK_TRY(const Sealed sealed, seal(content_key.bytes(), plaintext, as_bytes(protected_header)));
    return Json{{"protected", protected_header},
                {"encrypted_key", to_base64url(encrypted_key)},
                {"iv", to_base64url(sealed.iv)},
                {"ciphertext", to_base64url(sealed.ciphertext)},
                {"tag", to_base64url(sealed.tag)}};
}

Result<Secret> decrypt(const Json& jwe, const KeyPair& key) {
    HALLMARK_TRY(const Parts parts, read_parts(jwe, key.public_key()));
    auto content_key = unwrap(parts, key);
    // RFC 7516, section 11.5: whoever sent this does not learn which step failed.
    if (!content_key || content_key->bytes().size() != kContentKeySize) content_key = new_content_key();
    if (!content_key) return std::unexpected(content_key.error());
    return open(content_key->bytes(), parts.sealed, as_bytes(jwe["protected"].get_ref<const std::string&>()));
}

}  // namespace hallmark::jose
