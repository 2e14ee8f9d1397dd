// SPDX-License-Identifier: Apache-2.0
#include <zstd.h>
#include <zstd_errors.h>

#include <string>
#include <utility>

#include "agent/layers/decompressor.hpp"

namespace hallmark::layers {
namespace {

struct Free {
    void operator()(ZSTD_DCtx* context) const { ::ZSTD_freeDCtx(context); }
};
using Context = std::unique_ptr<ZSTD_DCtx, Free>;

std::string reason(std::size_t code) {
    if (::ZSTD_getErrorCode(code) == ZSTD_error_frameParameter_windowTooLarge)
        return "a frame with a larger window than the " + std::to_string(1U << (kLargestZstdWindow - 20)) +
               " MiB that it may have";
    return ::ZSTD_getErrorName(code);
}

class Zstd final : public Decompressor {
public:
    explicit Zstd(Context context) : context_(std::move(context)) {}

    Result<Step> step(ByteSpan input, std::span<std::uint8_t> room) override {
        ZSTD_inBuffer in{input.data(), input.size(), 0};
        ZSTD_outBuffer out{room.data(), room.size(), 0};
        while (in.pos < in.size || left_ != 0) {
            const auto before = in.pos + out.pos;
            left_ = ::ZSTD_decompressStream(context_.get(), &out, &in);
            begun_ = true;
            if (::ZSTD_isError(left_) != 0) return bad_input("zstd: " + reason(left_));
            if (out.pos == out.size || in.pos + out.pos == before) break;
        }
        return Step{in.pos, out.pos};
    }

    Status end() override {
        if (left_ != 0 || !begun_) return bad_input("zstd: ends inside the compressed data");
        return {};
    }

private:
    Context context_;
    std::size_t left_ = 0;  // a hint how much is missing; 0: a frame is over, and all of it was given out
    bool begun_ = false;
};

}  // namespace

Result<std::unique_ptr<Decompressor>> zstd_decompressor() {
    Context context(::ZSTD_createDCtx());
    if (!context ||
        ::ZSTD_isError(::ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kLargestZstdWindow)) != 0)
        return refused("zstd: no memory to decompress in");
    return std::make_unique<Zstd>(std::move(context));
}

}  // namespace hallmark::layers
