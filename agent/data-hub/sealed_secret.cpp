// SPDX-License-Identifier: Apache-2.0
#include "agent/data-hub/sealed_secret.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

#include "common/jose/jws.hpp"
#include "common/jose/signing_key.hpp"
#include "common/json_base64.hpp"
#include "common/text.hpp"

namespace hallmark::hub {
namespace {

constexpr std::string_view kWhat = "sealed secret";
constexpr std::string_view kPrefix = "sealed.";
constexpr std::string_view kVersion = "0.1.0";

Result<std::string_view> jws_of(std::string_view sealed) {
    if (sealed.size() > kLargestSealedSecret)
        return bad_input(std::string(kWhat) + ": " + std::to_string(sealed.size()) + " bytes, expected at most " +
                         std::to_string(kLargestSealedSecret));
    if (!sealed.starts_with(kPrefix) || std::ranges::count(sealed, '.') != 3)
        return bad_input(std::string(kWhat) + ": expected sealed.HEADER.PAYLOAD.SIGNATURE");
    return sealed.substr(kPrefix.size());
}

/// CoCo's tool writes one file for both halves; only the public one is used, and the private one is wiped.
Result<jose::VerifyingKey> verifying_key(const Secret& text, const std::string& where) {
    HALLMARK_TRY(Json jwk, parse_json(text_of(text.bytes()), where));
    if (jwk.is_object() && jwk.contains("d")) {
        if (jwk["d"].is_string()) {
            auto& d = jwk["d"].get_ref<std::string&>();
            OPENSSL_cleanse(d.data(), d.size());
        }
        jwk.erase("d");
    }
    HALLMARK_TRY(jose::VerifyingKey key, jose::VerifyingKey::from_jwk(jwk, where));
    if (key.algorithm() != jose::SignatureAlgorithm::kEs256)
        return bad_input(where + ": another kind of key, expected one on P-256 for ES256");
    return key;
}

Status expect(const JsonObject& object, std::string_view key, std::string_view value) {
    HALLMARK_TRY(const std::string found, object.string(key));
    if (found != value) return bad_input(object.path_of(key) + ": another value, expected " + std::string(value));
    return {};
}

Result<SealedSecret> parse_vault(const JsonObject& object) {
    HALLMARK_CHECK(object.only({"version", "type", "name", "provider", "provider_settings", "annotations"}));
    VaultSecret vault;
    HALLMARK_TRY(vault.name, object.string("name"));
    HALLMARK_TRY(vault.provider, object.string("provider"));
    return SealedSecret(std::move(vault));
}

Result<SealedSecret> parse_envelope(const JsonObject& object, const Json& json) {
    HALLMARK_CHECK(object.only({"version", "type", "provider", "key_id", "encrypted_key", "encrypted_data", "wrap_type",
                                "iv", "provider_settings", "annotations"}));
    EnvelopeSecret envelope;
    HALLMARK_TRY(envelope.key_id, object.string("key_id"));
    HALLMARK_TRY(envelope.encrypted_key, base64_of(object, "encrypted_key"));
    HALLMARK_TRY(envelope.encrypted_data, base64_of(object, "encrypted_data"));
    HALLMARK_TRY(const std::string type, object.string("wrap_type"));
    HALLMARK_TRY(envelope.wrap_type, key_provider::parse_wrap_type(type, object.path_of("wrap_type")));
    HALLMARK_TRY(envelope.iv, base64_of(object, "iv"));
    HALLMARK_TRY(envelope.provider, object.string("provider"));
    envelope.annotations = json["annotations"];
    return SealedSecret(std::move(envelope));
}

}  // namespace

Result<Bytes> verified_payload(std::string_view sealed, const FindKey& find) {
    HALLMARK_TRY(const std::string_view jws, jws_of(sealed));
    HALLMARK_TRY(const Json header, jose::unverified_header(jws, kLargestSealedSecret));
    HALLMARK_TRY(const JsonObject object, JsonObject::of(header, std::string(kWhat) + ": header"));
    HALLMARK_TRY(const std::string kid, object.string("kid"));
    HALLMARK_TRY(const Secret text, find(kid));
    HALLMARK_TRY(const jose::VerifyingKey key, verifying_key(text, std::string(kWhat) + ": key of its signature"));
    HALLMARK_TRY(jose::Jws signed_text, jose::verify(jws, key, kLargestSealedSecret));
    return std::move(signed_text.payload);
}

Result<Bytes> unverified_payload(std::string_view sealed) {
    HALLMARK_TRY(const std::string_view jws, jws_of(sealed));
    const auto after = jws.substr(jws.find('.') + 1);
    auto payload = from_base64url(after.substr(0, after.find('.')));
    if (!payload) return std::unexpected(payload.error().at(std::string(kWhat) + ": payload"));
    return payload;
}

Result<SealedSecret> parse_sealed_secret(std::string_view payload) {
    HALLMARK_TRY(const Json json, parse_json(payload, kWhat));
    HALLMARK_TRY(const JsonObject object, JsonObject::of(json, std::string(kWhat)));
    HALLMARK_CHECK(expect(object, "version", kVersion));
    HALLMARK_CHECK(object.object("provider_settings"));
    HALLMARK_CHECK(object.object("annotations"));
    HALLMARK_TRY(const std::string type, object.string("type"));
    if (type == "vault") return parse_vault(object);
    if (type == "envelope") return parse_envelope(object, json);
    return bad_input(object.path_of("type") + ": another type, expected vault or envelope");
}

}  // namespace hallmark::hub
