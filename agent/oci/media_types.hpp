// SPDX-License-Identifier: Apache-2.0
// Sources: OCI Image Format Specification 1.1.0, media-types.md; Docker Image Manifest V2, Schema 2.
#pragma once

#include <string_view>

namespace hallmark::oci {

inline constexpr std::string_view kOciManifest = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view kOciIndex = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view kOciConfig = "application/vnd.oci.image.config.v1+json";
inline constexpr std::string_view kDockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
inline constexpr std::string_view kDockerList = "application/vnd.docker.distribution.manifest.list.v2+json";
inline constexpr std::string_view kDockerConfig = "application/vnd.docker.container.image.v1+json";

constexpr bool is_manifest(std::string_view type) { return type == kOciManifest || type == kDockerManifest; }
constexpr bool is_index(std::string_view type) { return type == kOciIndex || type == kDockerList; }
constexpr bool is_image_config(std::string_view type) { return type == kOciConfig || type == kDockerConfig; }

/// The forms before schema 2, signed or not: they name no sizes and no configuration.
constexpr bool is_schema_1(std::string_view type) {
    return type == "application/vnd.docker.distribution.manifest.v1+json" ||
           type == "application/vnd.docker.distribution.manifest.v1+prettyjws";
}

}  // namespace hallmark::oci
