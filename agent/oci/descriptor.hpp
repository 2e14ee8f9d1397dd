// SPDX-License-Identifier: Apache-2.0
// What points to a blob: type, digest, size.
// Source: OCI Image Format Specification 1.1.0, descriptor.md and image-index.md (platform).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/oci/digest.hpp"
#include "common/result.hpp"

namespace hallmark {
class JsonObject;
}

namespace hallmark::oci {

inline constexpr std::size_t kMostAnnotations = 256;  ///< of a descriptor, a manifest or an index
inline constexpr std::size_t kMostUrls = 16;          ///< of a descriptor

/// What an image runs on, in Go's words.
struct Platform {
    std::string os;            ///< "linux"
    std::string architecture;  ///< "amd64"
    std::string variant;       ///< "v3"; empty: any

    bool operator==(const Platform&) const = default;
};

using Annotations = std::map<std::string, std::string>;

struct Descriptor {
    std::string media_type;
    Digest digest;
    std::uint64_t size = 0;         ///< of the blob, in bytes; below 2⁶³
    std::vector<std::string> urls;  ///< where else it may be had: foreign layers; never asked here
    Annotations annotations;
    std::optional<Platform> platform;  ///< in an index

    bool operator==(const Descriptor&) const = default;
};

/// Members of later versions are passed over, as the specification demands.
Result<Descriptor> parse_descriptor(const JsonObject& object);

/// The member "annotations": absent, or an object of strings.
Result<Annotations> parse_annotations(const JsonObject& object);

/// The members "os", "architecture" and "variant" of a platform or an image configuration.
Result<Platform> parse_platform(const JsonObject& object);

}  // namespace hallmark::oci
