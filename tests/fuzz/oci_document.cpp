// SPDX-License-Identifier: Apache-2.0
// Attacker: a registry, and whoever is between it and the guest: manifests and indexes are parsed before anything about
// them is verified.
// Size cap: 16 KiB; the program's own is 4 MiB, which only makes longer lists.
#include <string>
#include <variant>

#include "agent/oci/manifest.hpp"
#include "agent/oci/media_types.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

const std::string kDigest = R"("digest":"sha256:)" + std::string(64, 'a') + R"(","size":1)";

std::vector<Bytes> seeds() {
    const std::string layer = R"({"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip",)" + kDigest;
    return {
        seed(R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":)"
             R"("application/vnd.oci.image.config.v1+json",)" +
             kDigest + R"(},"layers":[)" + layer + R"(,"annotations":{"a":"b"}}],"annotations":{"c":"d"}})"),
        seed(R"({"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.list.v2+json",)"
             R"("manifests":[{"mediaType":"application/vnd.docker.distribution.manifest.v2+json",)" +
             kDigest + R"(,"platform":{"os":"linux","architecture":"amd64","variant":"v2"}}]})"),
        seed(R"({"schemaVersion":1,"name":"a","tag":"b","fsLayers":[]})"),
    };
}

void attempt(ByteSpan input) {
    const auto document = oci::parse_document(text_of(input), "", "m");
    if (!document) return;
    if (const auto* index = std::get_if<oci::Index>(&*document)) {
        require(oci::is_index(index->media_type), "an index has an index's type");
        require(index->manifests.size() <= oci::kMostManifests, "bounds hold");
        const auto chosen = oci::choose(*index, {"linux", "amd64", "v3"}, "m");
        if (chosen) require(oci::is_manifest(chosen->media_type), "what is chosen is a manifest");
        return;
    }
    const auto& manifest = std::get<oci::Manifest>(*document);
    require(oci::is_manifest(manifest.media_type), "a manifest has a manifest's type");
    require(manifest.layers.size() <= oci::kMostLayers, "bounds hold");
    for (const auto& layer : manifest.layers) {
        require(layer.annotations.size() <= oci::kMostAnnotations, "bounds of annotations hold");
        const auto digest = oci::Digest::parse(layer.digest.text());
        require(digest && *digest == layer.digest, "a digest comes back as it was");
    }
}

}  // namespace

const Target kTarget{.largest = 16 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
