// SPDX-License-Identifier: Apache-2.0
// What a layer's media type says about its bytes.
// Source: OCI Image Format Specification 1.1.0, media-types.md and layer.md; Docker Image Manifest Version 2, Schema 2;
// ocicrypt 1.2, spec/spec.go (the "+encrypted" forms).
#pragma once

#include <cstdint>
#include <string_view>

#include "common/result.hpp"

namespace hallmark::layers {

enum class Compression : std::uint8_t { kNone, kGzip, kZstd };

struct LayerKind {
    Compression compression = Compression::kNone;
    bool encrypted = false;
    bool distributable = true;  ///< false: a registry may lack it, and only its URLs have it

    bool operator==(const LayerKind&) const = default;
};

/// Names are compared as they are written: everything else, WebAssembly too, is refused.
Result<LayerKind> layer_kind(std::string_view media_type);

}  // namespace hallmark::layers
