// SPDX-License-Identifier: Apache-2.0
#include "agent/layer-keys/wrapped_keys.hpp"

#include <cstddef>
#include <utility>

#include "common/base64.hpp"
#include "common/text.hpp"

namespace hallmark::layer_keys {
namespace {

constexpr std::string_view kPrefix = "org.opencontainers.image.enc.keys.";
constexpr std::size_t kMostKeys = 64;
constexpr std::size_t kLargestPacket = 64 * 1024;

Status add(std::vector<WrappedKey>& keys, std::string_view scheme, std::string_view packets) {
    for (;;) {
        const auto comma = packets.find(',');
        const auto place = std::string(kPrefix) + std::string(scheme);
        auto packet = from_base64(packets.substr(0, comma));
        if (!packet) return std::unexpected(packet.error().at(place));
        if (packet->size() > kLargestPacket)
            return bad_input(place + ": " + std::to_string(packet->size()) + " bytes, expected at most " +
                             std::to_string(kLargestPacket));
        if (keys.size() == kMostKeys)
            return bad_input(place + ": more than " + std::to_string(kMostKeys) + " wrapped keys, expected fewer");
        keys.push_back({.scheme = std::string(scheme), .packet = std::move(*packet)});
        if (comma == std::string_view::npos) return {};
        packets.remove_prefix(comma + 1);
    }
}

Result<Secret> unwrap(const std::vector<WrappedKey>& keys, const Unwrappers& unwrappers) {
    std::string reasons;
    for (const auto& key : keys) {
        bool known = false;
        for (const auto& unwrapper : unwrappers) {
            if (!unwrapper->knows(key.scheme)) continue;
            known = true;
            auto options = unwrapper->unwrap(key.packet);
            if (options) return options;
            reasons += "; " + key.scheme + ": " + options.error().message;
        }
        if (!known) reasons += "; " + key.scheme + ": nobody here has keys of this scheme";
    }
    if (reasons.empty()) return refused("encrypted layer: no annotation " + std::string(kPrefix) + "*, expected one");
    return refused("encrypted layer: none of its wrapped keys could be unwrapped" + reasons);
}

}  // namespace

Result<std::vector<WrappedKey>> wrapped_keys(const oci::Annotations& annotations) {
    std::vector<WrappedKey> keys;
    for (const auto& [name, value] : annotations)
        if (name.starts_with(kPrefix)) HALLMARK_CHECK(add(keys, std::string_view(name).substr(kPrefix.size()), value));
    return keys;
}

Result<layers::DecryptionKey> decryption_key(const oci::Annotations& annotations, const Unwrappers& unwrappers) {
    const auto open = annotations.find(std::string(layers::kPublicOptionsAnnotation));
    if (open == annotations.end())
        return bad_input("encrypted layer: no annotation " + std::string(layers::kPublicOptionsAnnotation) +
                         ", expected its public options");
    HALLMARK_TRY(const layers::PublicOptions public_options, layers::parse_public_options(open->second));
    HALLMARK_TRY(const auto keys, wrapped_keys(annotations));
    HALLMARK_TRY(const Secret json, unwrap(keys, unwrappers));
    HALLMARK_TRY(layers::PrivateOptions private_options, layers::parse_private_options(text_of(json.bytes())));
    return layers::DecryptionKey{.open = public_options, .unwrapped = std::move(private_options)};
}

}  // namespace hallmark::layer_keys
