// SPDX-License-Identifier: Apache-2.0
#include "relying-party/owner/key_provider.hpp"

#include <optional>

#include "common/key-provider/annotation_packet.hpp"
#include "common/key-provider/key_wrap.hpp"
#include "common/key-provider/protocol.hpp"
#include "relying-party/owner/key_id.hpp"

namespace hallmark::owner {

using key_provider::AnnotationPacket;
using key_provider::Request;
using key_provider::UnwrapRequest;
using key_provider::Wrapped;
using key_provider::WrapRequest;
using key_provider::WrapType;

namespace {

constexpr std::string_view kWhat = "key provider parameters";
constexpr std::string_view kSeparator = "::";

/// One NAME=VALUE of those that CoCo's key provider knows.
Status read_parameter(std::string_view name, std::string_view value, std::optional<KeyId>& key) {
    const std::string where(kWhat);
    if (name == "keyid") {
        if (key) return bad_input(where + ": keyid stands twice, expected one key");
        HALLMARK_TRY(key, parse_key_id(value));
        return {};
    }
    if (name == "algorithm") {
        if (value == key_provider::name_of(WrapType::kA256Gcm)) return {};
        return bad_input(where + ": algorithm: expected A256GCM; A256CTR lets anybody change what is wrapped");
    }
    if (name == "keypath")
        return bad_input(where + ": keypath: keys come from the store; store this one there and name it: keyid=…");
    if (name == "sample") {
        if (value == "false") return {};
        return bad_input(where + ": sample: its key is known to everybody; leave it out, or name a key: keyid=…");
    }
    return bad_input(where + ": another name, expected keyid=KEY, algorithm=A256GCM or nothing");
}

/// The key that was named, if one was. Fields are separated by "::".
Result<std::optional<KeyId>> named_key(std::string_view parameters) {
    std::optional<KeyId> key;
    while (!parameters.empty()) {
        const auto end = parameters.find(kSeparator);
        const auto field = parameters.substr(0, end);
        parameters = end == std::string_view::npos ? "" : parameters.substr(end + kSeparator.size());
        const auto equals = field.find('=');
        if (equals == std::string_view::npos)
            return bad_input(std::string(kWhat) + ": expected NAME=VALUE::NAME=VALUE…");
        HALLMARK_CHECK(read_parameter(field.substr(0, equals), field.substr(equals + 1), key));
    }
    return key;
}

Result<Secret> stored_key(keys::KeyStore& store, const KeyId& id, std::string_view remedy) {
    auto key = store.read(id.path);
    if (!key) return std::unexpected(Error{key.error().fault, key.error().message + "; " + std::string(remedy)});
    if (key->bytes().size() != key_provider::kKeyBytes)
        return refused(id.path.text() + ": " + std::to_string(key->bytes().size()) + " bytes, expected a key of " +
                       std::to_string(key_provider::kKeyBytes));
    return key;
}

std::string text_of(const Secret& secret) {
    const auto bytes = secret.bytes();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string packet_of(const KeyId& id, Wrapped wrapped) {
    return key_provider::write_annotation_packet({id.uri, std::move(wrapped.data), std::move(wrapped.iv)});
}

Result<std::string> wrap_options(const WrapRequest& request, keys::KeyStore& store) {
    HALLMARK_TRY(const auto named, named_key(request.parameters));
    if (named) {
        HALLMARK_TRY(const Secret key,
                     stored_key(store, *named, "store 32 random bytes there first, or leave keyid out: one is made"));
        HALLMARK_TRY(Wrapped wrapped, key_provider::wrap(key.bytes(), request.options.bytes()));
        return text_of(key_provider::wrap_answer(packet_of(*named, std::move(wrapped))));
    }
    HALLMARK_TRY(const KeyId id, new_key_id());
    HALLMARK_TRY(const Secret key, key_provider::random_key());
    HALLMARK_TRY(Wrapped wrapped, key_provider::wrap(key.bytes(), request.options.bytes()));
    // An image whose key was lost is lost too: nothing is answered before the key is stored.
    HALLMARK_CHECK(store.write(id.path, key.bytes()));
    return text_of(key_provider::wrap_answer(packet_of(id, std::move(wrapped))));
}

Result<std::string> unwrap_options(const UnwrapRequest& request, keys::KeyStore& store) {
    HALLMARK_TRY(const AnnotationPacket packet, key_provider::parse_annotation_packet(request.annotation));
    if (packet.wrap_type != WrapType::kA256Gcm)
        return bad_input("annotation packet: wrap_type: expected A256GCM; A256CTR lets anybody change what is wrapped");
    HALLMARK_TRY(const KeyId id, parse_key_id(packet.kid));
    HALLMARK_TRY(const Secret key, stored_key(store, id, "expected the key that the image was encrypted under"));
    HALLMARK_TRY(const Secret options,
                 key_provider::unwrap(packet.wrap_type, key.bytes(), packet.iv, packet.wrapped_data));
    return text_of(key_provider::unwrap_answer(options));
}

}  // namespace

Result<std::string> answer_key_provider(std::string_view request, std::string_view provider, keys::KeyStore& store) {
    HALLMARK_TRY(const Request parsed, key_provider::parse_request(request, provider));
    if (const auto* wrapping = std::get_if<WrapRequest>(&parsed)) return wrap_options(*wrapping, store);
    return unwrap_options(std::get<UnwrapRequest>(parsed), store);
}

}  // namespace hallmark::owner
