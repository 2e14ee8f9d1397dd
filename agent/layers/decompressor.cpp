// SPDX-License-Identifier: Apache-2.0
#include "agent/layers/decompressor.hpp"

#include <algorithm>

namespace hallmark::layers {
namespace {

/// A tar that was never compressed.
class Copy final : public Decompressor {
public:
    Result<Step> step(ByteSpan input, std::span<std::uint8_t> room) override {
        const auto size = std::min(input.size(), room.size());
        std::ranges::copy(input.first(size), room.begin());
        return Step{size, size};
    }
    Status end() override { return {}; }
};

}  // namespace

Result<std::unique_ptr<Decompressor>> decompressor_of(Compression compression) {
    switch (compression) {
        case Compression::kNone:
            return std::make_unique<Copy>();
        case Compression::kGzip:
            return gzip_decompressor();
        case Compression::kZstd:
            return zstd_decompressor();
    }
    return refused("an unknown compression");
}

}  // namespace hallmark::layers
