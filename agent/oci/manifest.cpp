// SPDX-License-Identifier: Apache-2.0
#include "agent/oci/manifest.hpp"

#include <cstdint>
#include <utility>

#include "agent/oci/media_types.hpp"
#include "agent/oci/text.hpp"
#include "common/json.hpp"

namespace hallmark::oci {
namespace {

constexpr std::uint64_t kSchema = 2;

Result<std::vector<Descriptor>> parse_descriptors(const JsonObject& object, std::string_view key, std::size_t most) {
    HALLMARK_TRY(const Json* list, object.array(key));
    if (list->size() > most)
        return bad_input(object.path_of(key) + ": " + std::to_string(list->size()) + " entries, expected at most " +
                         std::to_string(most));
    std::vector<Descriptor> descriptors;
    for (const auto& element : *list) {
        const std::string where = object.path_of(key) + "[" + std::to_string(descriptors.size()) + "]";
        HALLMARK_TRY(const JsonObject entry, JsonObject::of(element, where));
        HALLMARK_TRY(Descriptor descriptor, parse_descriptor(entry));
        descriptors.push_back(std::move(descriptor));
    }
    return descriptors;
}

/// A document that two readers could take for two things is refused (CVE-2021-41190).
Status is_not_both(const JsonObject& object, std::initializer_list<std::string_view> others) {
    for (const auto key : others)
        if (object.has(key))
            return bad_input(object.path_of(key) +
                             ": not of this kind of document, which could be read in two ways; push the image again");
    return {};
}

Result<Document> parse_manifest(const JsonObject& object, std::string media_type) {
    HALLMARK_CHECK(is_not_both(object, {"manifests", "fsLayers", "history"}));
    Manifest manifest;
    manifest.media_type = std::move(media_type);
    if (object.has("artifactType")) {
        HALLMARK_TRY(manifest.artifact_type, object.string("artifactType"));
    }
    HALLMARK_TRY(const JsonObject config, object.object("config"));
    HALLMARK_TRY(manifest.config, parse_descriptor(config));
    HALLMARK_TRY(manifest.layers, parse_descriptors(object, "layers", kMostLayers));
    if (object.has("subject")) {
        HALLMARK_TRY(const JsonObject subject, object.object("subject"));
        HALLMARK_TRY(manifest.subject, parse_descriptor(subject));
    }
    HALLMARK_TRY(manifest.annotations, parse_annotations(object));
    return manifest;
}

Result<Document> parse_index(const JsonObject& object, std::string media_type) {
    HALLMARK_CHECK(is_not_both(object, {"config", "layers", "fsLayers", "history"}));
    Index index;
    index.media_type = std::move(media_type);
    HALLMARK_TRY(index.manifests, parse_descriptors(object, "manifests", kMostManifests));
    HALLMARK_TRY(index.annotations, parse_annotations(object));
    return index;
}

/// What the document is, by all that is said of it.
Result<std::string> type_of(const JsonObject& object, std::string_view said) {
    std::string own;
    if (object.has("mediaType")) {
        HALLMARK_TRY(own, object.string("mediaType"));
    }
    const bool known = is_manifest(said) || is_index(said);
    if (known && !own.empty() && own != said)
        return bad_input(object.path_of("mediaType") + ": found '" + printable(own) + "', expected '" +
                         std::string(said) + "', as what points to it says");
    if (!own.empty()) return own;
    if (known) return std::string(said);
    // OCI lets the member out; of the two kinds with one shape each, Docker's always has it.
    return std::string(object.has("manifests") ? kOciIndex : kOciManifest);
}

/// How far up a variant stands: 1 for amd64's first; 0 is none that is known.
unsigned level_of(const Platform& platform) {
    const std::string& variant = platform.variant;
    if (variant.empty()) return platform.architecture == "arm64" ? 8 : 1;
    if (variant.size() == 2 && variant[0] == 'v' && variant[1] >= '1' && variant[1] <= '9')
        return static_cast<unsigned>(variant[1] - '0');
    return 0;
}

std::string listed(const Index& index) {
    constexpr std::size_t kEnough = 20;
    std::string list;
    std::size_t count = 0;
    for (const auto& entry : index.manifests) {
        if (!entry.platform) continue;
        if (++count > kEnough) return list + ", …";
        list += (list.empty() ? "" : ", ") + text_of(*entry.platform);
    }
    return list.empty() ? "none" : list;
}

}  // namespace

Result<Document> parse_document(std::string_view text, std::string_view media_type, std::string_view what) {
    const std::string name(what);
    if (text.size() > kLargestDocument)
        return bad_input(name + ": " + std::to_string(text.size()) + " bytes, expected at most " +
                         std::to_string(kLargestDocument));
    HALLMARK_TRY(const Json json, parse_json(text, name));
    HALLMARK_TRY(const JsonObject object, JsonObject::of(json, name));
    HALLMARK_TRY(const std::uint64_t schema, object.number("schemaVersion"));
    HALLMARK_TRY(std::string type, type_of(object, media_type));
    if (schema == 1 || is_schema_1(media_type) || is_schema_1(type))
        return bad_input(name +
                         ": a manifest of Docker's schema 1, which is not supported; push the image again with a "
                         "tool that writes OCI or Docker's schema 2");
    if (schema != kSchema)
        return bad_input(object.path_of("schemaVersion") + ": found " + std::to_string(schema) + ", expected 2");
    if (is_manifest(type)) return parse_manifest(object, std::move(type));
    if (is_index(type)) return parse_index(object, std::move(type));
    return bad_input(object.path_of("mediaType") + ": found '" + printable(type) +
                     "', expected a manifest or an index of OCI or of Docker's schema 2");
}

Result<Descriptor> choose(const Index& index, const Platform& platform, std::string_view what) {
    const Descriptor* best = nullptr;
    const Descriptor* any = nullptr;
    const unsigned highest = level_of(platform);
    for (const auto& entry : index.manifests) {
        if (!is_manifest(entry.media_type)) continue;
        if (!entry.platform) {
            if (any == nullptr) any = &entry;
            continue;
        }
        if (entry.platform->os != platform.os || entry.platform->architecture != platform.architecture) continue;
        const unsigned level = level_of(*entry.platform);
        if (level == 0 || level > highest) continue;
        if (best == nullptr || level > level_of(*best->platform)) best = &entry;
    }
    if (best != nullptr) return *best;
    if (any != nullptr) return *any;
    return bad_input(std::string(what) + ": no image for " + text_of(platform) + "; found " + listed(index));
}

std::string text_of(const Platform& platform) {
    const std::string text = platform.os + "/" + platform.architecture;
    return printable(platform.variant.empty() ? text : text + "/" + platform.variant);
}

}  // namespace hallmark::oci
