// SPDX-License-Identifier: Apache-2.0
// The container image that the demo encrypts: a shell, and above it what the workload says and keeps.
// Source: OCI image specification 1.1, image-layout.md, manifest.md, config.md.
#pragma once

#include <filesystem>
#include <string>

#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::boot::demo {

/// How the image is named in its layout.
constexpr const char* kLayoutTag = "demo";
/// A line of a file inside that only a guest with the image's key can read.
constexpr const char* kMarker = "MARKER OF THE DEMO: whoever reads this line outside the guest has broken the promise";

/// Writes the image, not encrypted, into a folder that is made: the same bytes for the same busybox. `filler`: a layer
/// more that has a file of so many bytes, which no compression makes smaller; 0: none.
Status write_image(const std::filesystem::path& layout, ByteSpan busybox, std::size_t filler);

/// What the workload prints last: the SHA-256 of the file with the marker.
std::string proof_of_workload();

}  // namespace hallmark::boot::demo
