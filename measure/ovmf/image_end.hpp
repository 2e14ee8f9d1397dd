// SPDX-License-Identifier: Apache-2.0
// The end of a firmware image: all that its tables need. So an image can be hashed in blocks and never be held whole.
#pragma once

#include <cstddef>

#include "common/bytes.hpp"

namespace hallmark::ovmf {

struct ImageEnd {
    ByteSpan bytes;        ///< the last bytes of the image
    std::size_t size = 0;  ///< of the whole image

    /// A whole image is its own end.
    ImageEnd(ByteSpan image) : bytes(image), size(image.size()) {}  // NOLINT(google-explicit-constructor)
    ImageEnd(const Bytes& image) : ImageEnd(ByteSpan(image)) {}     // NOLINT(google-explicit-constructor)
    ImageEnd(ByteSpan last, std::size_t image_size) : bytes(last), size(image_size) {}

    /// Offset in the image of the first byte that is here.
    [[nodiscard]] std::size_t begin() const { return size - bytes.size(); }
    /// The bytes from an offset in the image on; the caller has checked that they are here.
    [[nodiscard]] ByteSpan from(std::size_t offset) const { return bytes.subspan(offset - begin()); }
};

/// Tables and metadata of every image that edk2 builds lie in its last pages; the table itself is at most 64 KiB.
constexpr std::size_t kUsualEnd = 128 * 1024;

}  // namespace hallmark::ovmf
