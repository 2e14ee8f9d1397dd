// SPDX-License-Identifier: Apache-2.0
// What an image consists of, and which images stand under one name.
// Sources: OCI Image Format Specification 1.1.0, manifest.md and image-index.md; Docker Image Manifest V2, Schema 2.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agent/oci/descriptor.hpp"
#include "common/result.hpp"

namespace hallmark::oci {

/// Of a manifest, an index or an image configuration, in bytes: what containers/image takes.
inline constexpr std::size_t kLargestDocument = 4 * 1024 * 1024;
inline constexpr std::size_t kMostLayers = 500;     ///< overlayfs takes as many lower folders
inline constexpr std::size_t kMostManifests = 512;  ///< of an index

struct Manifest {
    std::string media_type;
    std::string artifact_type;  ///< of what is no image; mostly empty
    Descriptor config;
    std::vector<Descriptor> layers;     ///< the lowest first
    std::optional<Descriptor> subject;  ///< what it says something about: signatures
    Annotations annotations;
};

struct Index {
    std::string media_type;
    std::vector<Descriptor> manifests;
    Annotations annotations;
};

using Document = std::variant<Manifest, Index>;

/// Reads either. `media_type` is what its descriptor or the registry's Content-Type says, empty where nothing does; the
/// document may not contradict it, nor be read as the other kind. `what` names it in errors.
Result<Document> parse_document(std::string_view text, std::string_view media_type, std::string_view what);

/// The manifest for a platform: of the same system and architecture, and of the highest variant that runs on it
/// (amd64 "v2" runs on "v3"; no variant is amd64's "v1" and arm64's "v8"). Where none fits, the first that says
/// nothing of platforms; otherwise an error that lists what there is.
Result<Descriptor> choose(const Index& index, const Platform& platform, std::string_view what);

/// "linux/amd64" or "linux/arm64/v8"
std::string text_of(const Platform& platform);

}  // namespace hallmark::oci
