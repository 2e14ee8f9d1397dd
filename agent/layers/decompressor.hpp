// SPDX-License-Identifier: Apache-2.0
// Streaming decompression in bounded memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "agent/layers/layer_kind.hpp"
#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::layers {

class Decompressor {
public:
    Decompressor() = default;
    Decompressor(const Decompressor&) = delete;
    Decompressor& operator=(const Decompressor&) = delete;
    virtual ~Decompressor() = default;

    struct Step {
        std::size_t taken = 0;  ///< bytes of the input that are done with
        std::size_t made = 0;   ///< bytes of the room that are filled; less than all of it: more input is needed
    };
    virtual Result<Step> step(ByteSpan input, std::span<std::uint8_t> room) = 0;

    /// The input is over: an error where it may not end.
    virtual Status end() = 0;
};

/// Gzip as containers/image reads it: one or more members (RFC 1952, section 2.2), each with its checksum and length
/// right, and nothing behind the last, not even zeros.
Result<std::unique_ptr<Decompressor>> gzip_decompressor();

/// 32 MiB, which is the largest that writers of images choose. RFC 8878 asks for 8 MiB.
inline constexpr int kLargestZstdWindow = 25;

/// Zstandard (RFC 8878): one or more frames, their checksums right where they have one. Skippable frames are passed
/// over, so zstd:chunked is read as zstd. Windows are at most 2^kLargestZstdWindow bytes.
Result<std::unique_ptr<Decompressor>> zstd_decompressor();

Result<std::unique_ptr<Decompressor>> decompressor_of(Compression compression);

}  // namespace hallmark::layers
