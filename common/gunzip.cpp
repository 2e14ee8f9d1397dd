// SPDX-License-Identifier: Apache-2.0
#include "common/gunzip.hpp"

#include <zlib.h>

#include <cstdint>
#include <span>
#include <string_view>

namespace hallmark {
namespace {

/// Bytes that are asked for at once.
constexpr std::size_t kBlockSize = std::size_t{64} * 1024;

/// How zlib is told its largest window and what is around the data.
int window_bits(Wrapping wrapping) {
    switch (wrapping) {
        case Wrapping::kNone:
            return -15;
        case Wrapping::kZlib:
            return 15;
        case Wrapping::kGzip:
            return 15 + 16;
    }
    return 0;
}

class Inflater {
public:
    ~Inflater() { ::inflateEnd(&stream_); }
    bool start(ByteSpan compressed, Wrapping wrapping) {
        if (::inflateInit2(&stream_, window_bits(wrapping)) != Z_OK) return false;
        // The library only reads from it.
        stream_.next_in = const_cast<std::uint8_t*>(compressed.data());
        stream_.avail_in = static_cast<unsigned>(compressed.size());
        return true;
    }
    /// Fills as much as there is content for; the status is zlib's.
    int fill(std::span<std::uint8_t> out) {
        stream_.next_out = out.data();
        stream_.avail_out = static_cast<unsigned>(out.size());
        return ::inflate(&stream_, Z_NO_FLUSH);
    }
    [[nodiscard]] std::size_t unused() const { return stream_.avail_out; }
    [[nodiscard]] std::size_t left_over() const { return stream_.avail_in; }
    [[nodiscard]] const char* reason(Wrapping wrapping) const {
        const std::string_view said = stream_.msg == nullptr ? "" : stream_.msg;
        if (said == "incorrect header check")
            return wrapping == Wrapping::kGzip ? "found no gzip header, expected one"
                                               : "found no zlib header, expected one";
        if (said == "unknown compression method") return "compressed by an unknown method, expected deflate";
        if (said == "incorrect data check") return "the checksum is another than that of the content";
        return "the compressed data are damaged";
    }

private:
    z_stream stream_{};
};

}  // namespace

Result<Bytes> inflate(ByteSpan compressed, Wrapping wrapping, std::size_t limit, const std::string& what) {
    if (compressed.size() > UINT32_MAX)
        return bad_input(what + ": " + std::to_string(compressed.size()) + " bytes, expected less than 4 GiB");
    Inflater inflater;
    if (!inflater.start(compressed, wrapping)) return refused(what + ": no memory to decompress it in");
    Bytes content;
    Bytes block(kBlockSize);
    for (int status = Z_OK; status != Z_STREAM_END;) {
        status = inflater.fill(block);
        if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
            return bad_input(what + ": " + inflater.reason(wrapping));
        const ByteSpan fresh = ByteSpan(block).first(block.size() - inflater.unused());
        if (fresh.size() > limit - content.size())
            return bad_input(what + ": content of more than " + std::to_string(limit) +
                             " bytes, expected at most that");
        content.insert(content.end(), fresh.begin(), fresh.end());
        if (status == Z_BUF_ERROR) return bad_input(what + ": ends inside the compressed data");
    }
    if (inflater.left_over() != 0)
        return bad_input(what + ": " + std::to_string(inflater.left_over()) +
                         " bytes left over behind the compressed data");
    return content;
}

Result<Bytes> gunzip(ByteSpan compressed, std::size_t limit, const std::string& what) {
    return inflate(compressed, Wrapping::kGzip, limit, what);
}

}  // namespace hallmark
