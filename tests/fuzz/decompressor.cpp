// SPDX-License-Identifier: Apache-2.0
// Attacker: the registry, or who is between it and the guest: all is decompressed before its digest is known.
// Size cap: 64 KiB; layers are longer, and go through in pieces of as many bytes.
#include "agent/layers/decompressor.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "agent/layers/cipher_options.hpp"
#include "common/gunzip.hpp"
#include "common/gzip.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

using layers::Compression;

constexpr std::size_t kMostOutput = std::size_t{1} << 20U;

/// Python's gzip.compress() of a text.
const Bytes kGzip = {0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x4B, 0x54, 0xC8, 0x49, 0xAC,
                     0x4C, 0x2D, 0x52, 0x28, 0xC9, 0x48, 0x2C, 0x51, 0xC8, 0x2C, 0x56, 0x48, 0xC4, 0xCE, 0xD7,
                     0x51, 0x48, 0xCC, 0x4B, 0x51, 0xC8, 0xCD, 0x2F, 0x4A, 0x55, 0xC8, 0x4F, 0x53, 0xC8, 0x2C,
                     0x49, 0xA4, 0xAB, 0x36, 0x00, 0xA7, 0xE6, 0x3E, 0x56, 0xA5, 0x00, 0x00, 0x00};

/// RFC 8878: a frame of one raw block that holds "abc"; before it a frame to skip.
const Bytes kZstd = {0x50, 0x2A, 0x4D, 0x18, 1, 0, 0, 0, 9, 0x28, 0xB5, 0x2F, 0xFD, 0x20, 3, 0x19, 0, 0, 'a', 'b', 'c'};

std::vector<Bytes> seeds() {
    auto two = gzip_stored(as_bytes("a layer"));
    append(two, kGzip);
    return {kGzip, two, kZstd, seed(R"({"symkey":"AA==","digest":"sha256:00","cipheroptions":{"nonce":"AAAA"}})")};
}

/// All that comes out, up to a limit; nothing where it is refused.
std::optional<Bytes> decompressed(Compression compression, ByteSpan input, std::size_t piece_size) {
    const auto decompressor = layers::decompressor_of(compression);
    require(decompressor.has_value(), "there is one");
    Bytes all;
    std::array<std::uint8_t, 4096> room{};
    while (!input.empty()) {
        auto piece = input.first(std::min(piece_size, input.size()));
        input = input.subspan(piece.size());
        for (bool more = true; more;) {
            const auto step = (*decompressor)->step(piece, room);
            if (!step || all.size() + step->made > kMostOutput) return std::nullopt;
            require(step->taken <= piece.size() && step->made <= room.size(), "it stays within what it is given");
            append(all, ByteSpan(room).first(step->made));
            piece = piece.subspan(step->taken);
            more = step->made == room.size() || !piece.empty();
            require(!more || step->taken + step->made != 0, "it goes on");
        }
    }
    if (!(*decompressor)->end()) return std::nullopt;
    return all;
}

void attempt(ByteSpan input) {
    for (const auto compression : {Compression::kGzip, Compression::kZstd})
        require(decompressed(compression, input, 7) == decompressed(compression, input, input.size()),
                "pieces do not matter");
    const auto ours = decompressed(Compression::kGzip, input, input.size());
    const auto of_zlib = gunzip(input, kMostOutput, "one member");
    require(!ours || !of_zlib || *ours == *of_zlib, "zlib finds the same");
    (void)layers::parse_private_options(text_of(input));
    (void)layers::parse_public_options(text_of(input));
}

}  // namespace

const Target kTarget{.largest = 64 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
