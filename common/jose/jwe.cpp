// SPDX-License-Identifier: Apache-2.0
#include "common/jose/jwe.hpp"

#include <jansson.h>
#include <malloc.h>
#include <openssl/crypto.h>

#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "common/base64.hpp"
#include "common/jose/content.hpp"

extern "C" {  // libjose's headers leave that to C++
#include <jose/jwe.h>
#include <jose/openssl.h>
}

namespace hallmark::jose {
namespace {

constexpr std::string_view kContentEncryption = "A256GCM";
constexpr std::size_t kLongestHeader = 8 * 1024;
constexpr std::size_t kLongestWrappedKey = 1024;
using Value = std::unique_ptr<json_t, decltype([](json_t* value) { json_decref(value); })>;

void wipe_and_free(void* memory) {
    if (memory == nullptr) return;
    OPENSSL_cleanse(memory, malloc_usable_size(memory));
    std::free(memory);
}

/// libjose hands keys about as jansson's values: what jansson frees is wiped. libjose frees some of it with free(), so
/// the memory must be malloc's own.
void prepare_jansson() {
    static std::once_flag once;
    std::call_once(once, [] {
        json_set_alloc_funcs(std::malloc, wipe_and_free);
        json_object_seed(0);
    });
}

json_t* text_value(std::string_view text) { return json_stringn(text.data(), text.size()); }

/// An object of texts.
Value object_of(const Json& json, std::initializer_list<const char*> members) {
    Value object(json_object());
    for (const auto* member : members) {
        const auto found = json.find(member);
        if (found == json.end() || !found->is_string()) continue;
        if (json_object_set_new(object.get(), member, text_value(found->get_ref<const std::string&>())) != 0) return {};
    }
    return object;
}

Result<std::string> member_text(const json_t* object, const char* member) {
    const json_t* value = json_object_get(object, member);
    if (!json_is_string(value))
        return bad_input(std::string("JWE: libjose wrote no ") + member + "; its version is not the expected one");
    return std::string(json_string_value(value), json_string_length(value));
}

/// libjose puts the ephemeral key beside the protected header; the KBS protocol wants it inside.
Result<Json> ephemeral_key_of(const json_t* jwe) {
    const json_t* key = json_object_get(json_object_get(jwe, "header"), "epk");
    Json members = Json::object();
    for (const auto* member : {"crv", "kty", "x", "y"}) {
        HALLMARK_TRY(members[member], member_text(key, member));
    }
    return members;
}

struct WrappedKey {
    std::string text;  // base64url
    Json ephemeral;    // null for RSA
};

Result<WrappedKey> wrap(ByteSpan content_key, const Jwk& to) {
    const auto& members = to.json();
    if (to.algorithm() == KeyManagement::kRsaOaep256) {
        HALLMARK_TRY(const Bytes modulus, from_base64url(members.value("n", "")));
        HALLMARK_TRY(const Bytes exponent, from_base64url(members.value("e", "")));
        HALLMARK_TRY(const Bytes encrypted, encrypt_oaep(modulus, exponent, content_key));
        return WrappedKey{to_base64url(encrypted), nullptr};
    }
    prepare_jansson();
    auto digits = to_base64url(content_key);
    const Value key = object_of(members, {"kty", "crv", "x", "y"});
    const Value content(json_object());
    const Value jwe(json_object());
    const Value recipient(json_object());
    const Json header = {{"alg", name_of(to.algorithm())}, {"enc", kContentEncryption}};
    const bool wrapped =
        key && content && jwe && recipient && json_object_set_new(content.get(), "kty", text_value("oct")) == 0 &&
        json_object_set_new(content.get(), "k", text_value(digits)) == 0 &&
        json_object_set_new(jwe.get(), "protected", object_of(header, {"alg", "enc"}).release()) == 0 &&
        jose_jwe_enc_jwk(nullptr, jwe.get(), recipient.get(), key.get(), content.get());
    OPENSSL_cleanse(digits.data(), digits.size());
    if (!wrapped) return bad_input("JWE: libjose does not encrypt a key to this JWK");
    WrappedKey result;
    HALLMARK_TRY(result.text, member_text(jwe.get(), "encrypted_key"));
    HALLMARK_TRY(result.ephemeral, ephemeral_key_of(jwe.get()));
    return result;
}

/// The content key, or nothing where this was not wrapped for `key`.
Result<Secret> unwrap(const Json& jwe, ByteSpan encrypted, const KeyPair& key) {
    if (key.public_key().algorithm() == KeyManagement::kRsaOaep256) return decrypt_oaep(*key.handle(), encrypted);
    prepare_jansson();
    const Value clean = object_of(jwe, {"protected", "encrypted_key"});
    const Value private_key(jose_openssl_jwk_from_EVP_PKEY(nullptr, key.handle()));
    const Value content(clean && private_key ? jose_jwe_dec_jwk(nullptr, clean.get(), nullptr, private_key.get())
                                             : nullptr);
    HALLMARK_TRY(std::string digits, member_text(content.get(), "k"));
    auto bytes = from_base64url(digits);
    OPENSSL_cleanse(digits.data(), digits.size());
    if (!bytes) return std::unexpected(bytes.error());
    return Secret(std::move(*bytes));
}

/// A text of a JWE, of which the decoded length is known or bounded.
Result<Bytes> decoded(const JsonObject& object, std::string_view member, std::size_t smallest, std::size_t largest) {
    HALLMARK_TRY(const std::string text, object.string(member));
    auto bytes = text.size() > (largest + 2) / 3 * 4 ? Result<Bytes>(bad_input("too long")) : from_base64url(text);
    if (!bytes) return std::unexpected(bytes.error().at(object.path_of(member)));
    if (bytes->size() < smallest || bytes->size() > largest)
        return bad_input(object.path_of(member) + ": " + std::to_string(bytes->size()) + " bytes, expected " +
                         std::to_string(smallest) +
                         (smallest == largest ? std::string() : " to " + std::to_string(largest)));
    return bytes;
}

Status check_ephemeral_key(const JsonObject& header, const Jwk& own) {
    HALLMARK_TRY(const auto object, header.object("epk"));
    Json members = Json::object();
    for (const auto& name : object.keys()) {
        if (name == "alg") continue;
        HALLMARK_TRY(members[name], object.string(name));
    }
    members["alg"] = name_of(own.algorithm());
    HALLMARK_TRY(const Jwk key, Jwk::parse(members, header.path_of("epk")));
    if (key.algorithm() != own.algorithm() || key.json().value("crv", "") != own.json().value("crv", ""))
        return bad_input(header.path_of("epk") + ": not on the curve of the key that decrypts");
    return {};
}

/// The header is checked by our strict reader before libjose sees it: no compression, no other algorithm, no header
/// parameter that changes how the key is derived.
Status check_header(const Json& json, const Jwk& own) {
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
    if (own.algorithm() == KeyManagement::kEcdhEsA256Kw) return check_ephemeral_key(header, own);
    if (header.has("epk")) return bad_input(header.path_of("epk") + ": belongs to ECDH-ES only");
    return {};
}

struct Parts {
    Bytes encrypted_key;
    Sealed sealed;
};

Result<Parts> checked(const Json& json, const Jwk& own) {
    HALLMARK_TRY(const auto object, JsonObject::of(json, "JWE"));
    HALLMARK_CHECK(object.only({"protected", "encrypted_key", "iv", "ciphertext", "tag"}));
    HALLMARK_TRY(const Bytes text, decoded(object, "protected", 2, kLongestHeader));
    Parts parts;
    HALLMARK_TRY(parts.encrypted_key, decoded(object, "encrypted_key", 1, kLongestWrappedKey));
    HALLMARK_TRY(parts.sealed.iv, decoded(object, "iv", kInitialisationVectorSize, kInitialisationVectorSize));
    HALLMARK_TRY(parts.sealed.ciphertext, decoded(object, "ciphertext", 0, kLongestPlaintext));
    HALLMARK_TRY(parts.sealed.tag, decoded(object, "tag", kTagSize, kTagSize));
    HALLMARK_TRY(const Json header,
                 parse_json({reinterpret_cast<const char*>(text.data()), text.size()}, "JWE header"));
    HALLMARK_CHECK(check_header(header, own));
    return parts;
}

}  // namespace

Result<Json> encrypt(ByteSpan plaintext, const Jwk& to) {
    if (plaintext.size() > kLongestPlaintext)
        return bad_input("JWE: " + std::to_string(plaintext.size()) + " bytes to encrypt, expected at most " +
                         std::to_string(kLongestPlaintext));
    HALLMARK_TRY(const Secret content_key, new_content_key());
    HALLMARK_TRY(const WrappedKey wrapped, wrap(content_key.bytes(), to));
    Json header = {{"alg", name_of(to.algorithm())}, {"enc", kContentEncryption}};
    if (!wrapped.ephemeral.is_null()) header["epk"] = wrapped.ephemeral;
    const auto protected_header = to_base64url(as_bytes(header.dump()));
    HALLMARK_TRY(const Sealed sealed, seal(content_key.bytes(), plaintext, as_bytes(protected_header)));
    return Json{{"protected", protected_header},
                {"encrypted_key", wrapped.text},
                {"iv", to_base64url(sealed.iv)},
                {"ciphertext", to_base64url(sealed.ciphertext)},
                {"tag", to_base64url(sealed.tag)}};
}

Result<Secret> decrypt(const Json& jwe, const KeyPair& key) {
    HALLMARK_TRY(const Parts parts, checked(jwe, key.public_key()));
    auto content_key = unwrap(jwe, parts.encrypted_key, key);
    // RFC 7516, section 11.5: whoever sent this does not learn which step failed.
    if (!content_key || content_key->bytes().size() != kContentKeySize) content_key = new_content_key();
    if (!content_key) return std::unexpected(content_key.error());
    return open(content_key->bytes(), parts.sealed, as_bytes(jwe["protected"].get_ref<const std::string&>()));
}

}  // namespace hallmark::jose
