// SPDX-License-Identifier: Apache-2.0
#include "common/jose/general_jwe.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/bytes.hpp"
#include "common/jose/content.hpp"
#include "common/jose/ecdh_es.hpp"
#include "common/jose/jwe_members.hpp"
#include "common/jose/rsa_oaep.hpp"
#include "common/text.hpp"

namespace hallmark::jose {
namespace {

constexpr std::size_t kMostRecipients = 64;

struct Recipient {
    Json header;  // its own and the protected one
    Bytes encrypted_key;
};

Result<Json> protected_header(const JsonObject& object) {
    HALLMARK_TRY(const Bytes text, decoded(object, "protected", 2, kLongestHeader));
    HALLMARK_TRY(Json header, parse_json(text_of(text), "JWE header"));
    HALLMARK_TRY(const auto members, JsonObject::of(header, "JWE header"));
    HALLMARK_CHECK(members.only({"alg", "enc", "epk", "kid", "typ"}));
    HALLMARK_TRY(const std::string encryption, members.string("enc"));
    if (encryption != kContentEncryption)
        return refused(members.path_of("enc") + ": found another algorithm, expected " +
                       std::string(kContentEncryption));
    return header;
}

/// No parameter may stand in both headers (RFC 7516, section 7.2.1).
Result<Recipient> read_recipient(const Json& json, const std::string& where, const Json& common) {
    HALLMARK_TRY(const auto object, JsonObject::of(json, where));
    Recipient recipient{.header = common, .encrypted_key = {}};
    HALLMARK_TRY(recipient.encrypted_key, decoded(object, "encrypted_key", 1, kLongestWrappedKey));
    if (!object.has("header")) return recipient;
    HALLMARK_TRY(const auto own, object.object("header"));
    HALLMARK_CHECK(own.only({"alg", "epk", "kid", "typ"}));
    for (const auto& name : own.keys()) {
        if (common.contains(name)) return bad_input(own.path_of(name) + ": in the protected header too, expected once");
        recipient.header[name] = json["header"][name];
    }
    return recipient;
}

Result<std::vector<Recipient>> read_recipients(const Json& json, const JsonObject& object, const Json& common) {
    std::vector<Recipient> recipients;
    if (!object.has("recipients")) {
        HALLMARK_TRY(recipients.emplace_back(), read_recipient(json, "JWE", common));
        return recipients;
    }
    HALLMARK_TRY(const Json* all, object.array("recipients"));
    if (all->size() > kMostRecipients)
        return bad_input(object.path_of("recipients") + ": " + std::to_string(all->size()) + ", expected at most " +
                         std::to_string(kMostRecipients));
    for (const auto& one : *all) {
        HALLMARK_TRY(recipients.emplace_back(), read_recipient(one, object.path_of("recipients"), common));
    }
    return recipients;
}

/// The content key, where this recipient may be whoever has the key.
Result<Secret> unwrap(const Recipient& recipient, const KeyPair& key) {
    HALLMARK_TRY(const auto header, JsonObject::of(recipient.header, "JWE header"));
    HALLMARK_TRY(const std::string algorithm, header.string("alg"));
    if (key.public_key().algorithm() == KeyManagement::kEcdhEsA256Kw) {
        if (algorithm != name_of(KeyManagement::kEcdhEsA256Kw)) return refused("JWE: for a key of another kind");
        HALLMARK_TRY(const Jwk ephemeral, parse_ephemeral_key(header, key.public_key()));
        return unwrap_with_ec(*key.handle(), *ephemeral.handle(), recipient.encrypted_key);
    }
    if (algorithm == "RSA-OAEP") return decrypt_oaep(*key.handle(), recipient.encrypted_key, OaepDigest::kSha1);
    if (algorithm == "RSA-OAEP-256") return decrypt_oaep(*key.handle(), recipient.encrypted_key);
    return refused("JWE: for a key of another kind");
}

}  // namespace

Result<Secret> decrypt_general(const Json& jwe, const KeyPair& key) {
    HALLMARK_TRY(const auto object, JsonObject::of(jwe, "JWE"));
    HALLMARK_CHECK(object.only({"protected", "header", "encrypted_key", "recipients", "iv", "ciphertext", "tag"}));
    HALLMARK_TRY(const Json common, protected_header(object));
    HALLMARK_TRY(const auto recipients, read_recipients(jwe, object, common));
    HALLMARK_TRY(const Sealed sealed, sealed_content(object));
    HALLMARK_TRY(const std::string header, object.string("protected"));
    for (const auto& recipient : recipients) {
        const auto content_key = unwrap(recipient, key);
        if (!content_key || content_key->bytes().size() != kContentKeySize) continue;
        if (auto content = open(content_key->bytes(), sealed, as_bytes(header))) return content;
    }
    return refused("JWE: for none of its " + std::to_string(recipients.size()) + " recipients is this the key");
}

}  // namespace hallmark::jose
