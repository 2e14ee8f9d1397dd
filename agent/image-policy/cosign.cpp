// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/cosign.hpp"

#include <optional>
#include <string_view>
#include <utility>

#include "agent/image-policy/payload.hpp"
#include "common/json.hpp"
#include "common/text.hpp"

namespace hallmark::image_policy {
namespace {

constexpr std::string_view kPayloadType = "application/vnd.dev.cosign.simplesigning.v1+json";
constexpr std::string_view kSignature = "dev.cosignproject.cosign/signature";

}  // namespace

oci::Reference cosign_tag(const oci::Reference& image, const oci::Digest& manifest) {
    oci::Reference tag = image;
    tag.digest.reset();
    tag.tag = std::string(oci::name_of(manifest.algorithm)) + "-" + manifest.hex() + ".sig";
    return tag;
}

Result<std::vector<SignatureLayer>> parse_signature_manifest(ByteSpan manifest, const std::string& what) {
    if (manifest.size() > kLargestSignatureManifest)
        return bad_input(what + ": " + std::to_string(manifest.size()) + " bytes, expected at most " +
                         std::to_string(kLargestSignatureManifest));
    HALLMARK_TRY(const Json json, parse_json(text_of(manifest), what));
    HALLMARK_TRY(const JsonObject object, JsonObject::of(json, what));
    HALLMARK_TRY(const Json* const layers, object.array("layers"));
    if (layers->size() > kMostSignatures)
        return bad_input(object.path_of("layers") + ": " + std::to_string(layers->size()) + ", expected at most " +
                         std::to_string(kMostSignatures));
    std::vector<SignatureLayer> signatures;
    for (std::size_t i = 0; i < layers->size(); ++i) {
        const std::string where = object.path_of("layers[" + std::to_string(i) + "]");
        HALLMARK_TRY(const JsonObject layer, JsonObject::of((*layers)[i], where));
        HALLMARK_TRY(oci::Descriptor payload, oci::parse_descriptor(layer));
        const auto signature = payload.annotations.find(std::string(kSignature));
        if (payload.media_type != kPayloadType || signature == payload.annotations.end()) continue;
        if (payload.size > kLargestPayload)
            return bad_input(where + ": a payload of " + std::to_string(payload.size) + " bytes, expected at most " +
                             std::to_string(kLargestPayload));
        std::string text = signature->second;
        signatures.push_back({std::move(payload), std::move(text)});
    }
    return signatures;
}

Result<std::vector<SigstoreSignature>> cosign_signatures(const oci::Reference& image, const oci::Digest& manifest,
                                                         AttachmentStore& store) {
    const oci::Reference tag = cosign_tag(image, manifest);
    HALLMARK_TRY(const std::optional<Bytes> text, store.manifest(tag, kLargestSignatureManifest));
    if (!text) return std::vector<SigstoreSignature>();
    HALLMARK_TRY(const std::vector<SignatureLayer> layers, parse_signature_manifest(*text, tag.text()));
    std::vector<SigstoreSignature> signatures;
    for (const auto& layer : layers) {
        HALLMARK_TRY(Bytes payload, store.blob(tag, layer.payload));
        const auto found = oci::Digest::of(payload, layer.payload.digest.algorithm);
        if (payload.size() != layer.payload.size || found != layer.payload.digest)
            return refused(tag.text() + ": a payload of " + std::to_string(payload.size()) + " bytes and digest " +
                           found.text() + ", expected " + std::to_string(layer.payload.size) + " bytes and " +
                           layer.payload.digest.text());
        signatures.push_back({std::move(payload), layer.signature});
    }
    return signatures;
}

}  // namespace hallmark::image_policy
