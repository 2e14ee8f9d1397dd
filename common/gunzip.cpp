// SPDX-License-Identifier: Apache-2.0
#include "common/gunzip.hpp"

#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <cstdint>
#include <memory>

namespace hallmark {
namespace {

/// Bytes that are asked for at once.
constexpr std::size_t kBlockSize = std::size_t{64} * 1024;

const char* reason(int code) {
    switch (code) {
        case ISAL_INVALID_WRAPPER:
            return "found no gzip header, expected one";
        case ISAL_UNSUPPORTED_METHOD:
            return "compressed by an unknown method, expected deflate";
        case ISAL_INCORRECT_CHECKSUM:
            return "the checksum is another than that of the content";
        default:
            return "the compressed data are damaged";
    }
}

}  // namespace

Result<Bytes> gunzip(ByteSpan compressed, std::size_t limit, const std::string& what) {
    if (compressed.size() > UINT32_MAX)
        return bad_input(what + ": " + std::to_string(compressed.size()) + " bytes, expected less than 4 GiB");
    const auto state = std::make_unique<inflate_state>();  // 90 KB: too much for a stack
    isal_inflate_init(state.get());
    state->crc_flag = ISAL_GZIP;
    // The library only reads from it.
    state->next_in = const_cast<std::uint8_t*>(compressed.data());
    state->avail_in = static_cast<std::uint32_t>(compressed.size());
    Bytes content;
    std::size_t used = 0;
    while (state->block_state != ISAL_BLOCK_FINISH) {
        // One byte beyond the limit shows content that is too large.
        content.resize(std::min(used + kBlockSize, limit + 1));
        state->next_out = content.data() + used;
        state->avail_out = static_cast<std::uint32_t>(content.size() - used);
        const auto code = isal_inflate(state.get());
        if (code != ISAL_DECOMP_OK && code != ISAL_END_INPUT) return bad_input(what + ": " + reason(code));
        const auto before = used;
        used = content.size() - state->avail_out;
        if (used > limit)
            return bad_input(what + ": content of more than " + std::to_string(limit) +
                             " bytes, expected at most that");
        if (used == before && state->avail_in == 0 && state->block_state != ISAL_BLOCK_FINISH)
            return bad_input(what + ": ends inside the compressed data");
    }
    if (state->avail_in != 0)
        return bad_input(what + ": " + std::to_string(state->avail_in) + " bytes left over behind the compressed data");
    content.resize(used);
    return content;
}

}  // namespace hallmark
