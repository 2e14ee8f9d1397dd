// SPDX-License-Identifier: Apache-2.0
#include "agent/data-hub/data_hub.hpp"

#include <string>
#include <variant>

#include "common/base64.hpp"
#include "common/json.hpp"
#include "common/key-provider/annotation_packet.hpp"
#include "common/key-provider/key_wrap.hpp"
#include "common/key-provider/protocol.hpp"
#include "common/text.hpp"

namespace hallmark::hub {
namespace {

constexpr std::string_view kProvider = "kbs";
constexpr std::string_view kKeyProvider = "attestation-agent";
constexpr std::string_view kSigningKeys = "sealed-secret/";
constexpr std::size_t kLargestKey = 16 * 1024;

Status check_provider(std::string_view provider) {
    if (provider == kProvider) return {};
    return refused("sealed secret: provider: another one, expected kbs, the only one here");
}

}  // namespace

Result<Secret> DataHub::resource(std::string_view uri, Deadline deadline) const {
    HALLMARK_TRY(const kbs::ResourceUri parsed, kbs::ResourceUri::parse(uri));
    return source_->get(parsed, deadline);
}

Result<Secret> DataHub::signing_key(std::string_view kid, Deadline deadline) const {
    if (kid.starts_with("kbs:") || kid.starts_with("kbs+")) return resource(kid, deadline);
    HALLMARK_TRY(Bytes text, folder_.read(std::string(kSigningKeys) + std::string(kid), kLargestKey));
    return Secret(std::move(text));
}

Result<Secret> DataHub::unseal(ByteSpan sealed, Deadline deadline) const {
    const auto find = [&](const std::string& kid) { return signing_key(kid, deadline); };
    HALLMARK_TRY(const Bytes payload,
                 skip_verification_ ? unverified_payload(text_of(sealed)) : verified_payload(text_of(sealed), find));
    HALLMARK_TRY(const SealedSecret secret, parse_sealed_secret(text_of(payload)));
    if (const auto* envelope = std::get_if<EnvelopeSecret>(&secret)) return open_envelope(*envelope, deadline);
    const auto& vault = std::get<VaultSecret>(secret);
    HALLMARK_CHECK(check_provider(vault.provider));
    return resource(vault.name, deadline);
}

/// Confidential Containers has no envelopes of the broker, only of cloud key services. Here the key that key_id names
/// is a resource, encrypted_key is under it as A256GCM, and its initialisation vector is the annotation "iv", as the
/// cloud services have it.
Result<Secret> DataHub::open_envelope(const EnvelopeSecret& envelope, Deadline deadline) const {
    HALLMARK_CHECK(check_provider(envelope.provider));
    HALLMARK_TRY(const JsonObject annotations, JsonObject::of(envelope.annotations, "sealed secret: annotations"));
    HALLMARK_TRY(const std::string text, annotations.string("iv"));
    const auto iv = from_base64(text);
    if (!iv) return std::unexpected(iv.error().at(annotations.path_of("iv")));
    HALLMARK_TRY(const Secret outer, resource(envelope.key_id, deadline));
    auto inner = key_provider::unwrap(key_provider::WrapType::kA256Gcm, outer.bytes(), *iv, envelope.encrypted_key);
    if (!inner) return std::unexpected(inner.error().at("sealed secret: encrypted_key"));
    auto secret = key_provider::unwrap(envelope.wrap_type, inner->bytes(), envelope.iv, envelope.encrypted_data);
    if (!secret) return std::unexpected(secret.error().at("sealed secret: encrypted_data"));
    return secret;
}

Result<Secret> DataHub::unwrap_key(ByteSpan request, Deadline deadline) const {
    HALLMARK_TRY(const key_provider::Request parsed, key_provider::parse_request(text_of(request), kKeyProvider));
    const auto* unwrapping = std::get_if<key_provider::UnwrapRequest>(&parsed);
    if (unwrapping == nullptr) return bad_input("key provider request.op: expected keyunwrap: a guest wraps no keys");
    HALLMARK_TRY(const auto packet, key_provider::parse_annotation_packet(unwrapping->annotation));
    HALLMARK_TRY(const Secret key, resource(packet.kid, deadline));
    HALLMARK_TRY(const Secret options,
                 key_provider::unwrap(packet.wrap_type, key.bytes(), packet.iv, packet.wrapped_data));
    return key_provider::unwrap_answer(options);
}

}  // namespace hallmark::hub
