// SPDX-License-Identifier: Apache-2.0
#include "common/gzip.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "common/endian.hpp"

namespace hallmark {
namespace {

/// No time, no name, no flags; written on an unknown system.
constexpr std::array<std::uint8_t, 10> kHeader{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff};
constexpr std::size_t kLargestBlock = 0xffff;

struct BlockHeader {
    std::uint8_t last = 0;  // 00: 1 in front of the last; the type "stored" is zero
    Le16 size;              // 01
    Le16 complement;        // 03: of the size
};
static_assert(sizeof(BlockHeader) == 5 && offsetof(BlockHeader, size) == 1 && offsetof(BlockHeader, complement) == 3);

struct Trailer {
    Le32 checksum;  // 00: CRC-32 of the content
    Le32 size;      // 04: of the content
};
static_assert(sizeof(Trailer) == 8 && offsetof(Trailer, size) == 4);

}  // namespace

Bytes gzip_stored(ByteSpan content) {
    Bytes bytes(kHeader.begin(), kHeader.end());
    ByteSpan rest = content;
    do {
        const ByteSpan block = rest.first(std::min(rest.size(), kLargestBlock));
        rest = rest.subspan(block.size());
        BlockHeader header;
        header.last = rest.empty() ? 1 : 0;
        header.size = static_cast<std::uint16_t>(block.size());
        header.complement = static_cast<std::uint16_t>(~block.size());
        append(bytes, as_bytes(header));
        append(bytes, block);
    } while (!rest.empty());
    Trailer trailer;
    trailer.checksum = static_cast<std::uint32_t>(::crc32_z(0, content.data(), content.size()));
    trailer.size = static_cast<std::uint32_t>(content.size());
    append(bytes, as_bytes(trailer));
    return bytes;
}

}  // namespace hallmark
