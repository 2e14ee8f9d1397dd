// SPDX-License-Identifier: Apache-2.0
// Compressed bytes for tests; gzip by zlib, which is not what reads it.
#pragma once

#include <zlib.h>
#include <zstd.h>

#include <cstdint>

#include "common/bytes.hpp"

namespace hallmark::test {

/// One member, with every field of the header when `all_fields`.
inline Bytes gzip_member(ByteSpan content, bool all_fields = false) {
    z_stream stream{};
    ::deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    Bytes extra(300, 'e');
    gz_header header{};
    Bytes name(400, 'n');
    name.push_back(0);
    header.extra = extra.data();
    header.extra_len = 300;
    header.name = name.data();
    header.comment = name.data();
    header.hcrc = 1;
    if (all_fields) ::deflateSetHeader(&stream, &header);
    Bytes out(::deflateBound(&stream, content.size()) + 2000);
    stream.next_in = const_cast<std::uint8_t*>(content.data());
    stream.avail_in = static_cast<unsigned>(content.size());
    stream.next_out = out.data();
    stream.avail_out = static_cast<unsigned>(out.size());
    ::deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    ::deflateEnd(&stream);
    return out;
}

/// One frame with a checksum and a window of 2^window bytes (0: as the library chooses).
inline Bytes zstd_frame(ByteSpan content, int window = 0) {
    ZSTD_CCtx* context = ::ZSTD_createCCtx();
    ::ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    if (window != 0) {
        // Without the size in the frame its window is what is asked for.
        ::ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window);
        ::ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
    }
    Bytes out(::ZSTD_compressBound(content.size()) + 64);
    ZSTD_inBuffer in{content.data(), content.size(), 0};
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    while (::ZSTD_compressStream2(context, &to, &in, window != 0 && in.pos == 0 ? ZSTD_e_flush : ZSTD_e_end) != 0 ||
           in.pos != in.size) {
    }
    if (window != 0) ::ZSTD_compressStream2(context, &to, &in, ZSTD_e_end);
    out.resize(to.pos);
    ::ZSTD_freeCCtx(context);
    return out;
}

/// RFC 8878, section 3.1.2.
inline Bytes skippable_frame(std::uint8_t size) {
    Bytes frame = {0x50, 0x2A, 0x4D, 0x18, size, 0, 0, 0};
    frame.resize(frame.size() + size, 0xAA);
    return frame;
}

}  // namespace hallmark::test
