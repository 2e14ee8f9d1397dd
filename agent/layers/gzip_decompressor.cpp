// SPDX-License-Identifier: Apache-2.0
#include <isa-l/igzip_lib.h>

#include "agent/layers/decompressor.hpp"
#include "agent/layers/gzip_header.hpp"

namespace hallmark::layers {
namespace {

class Gzip final : public Decompressor {
public:
    Result<Step> step(ByteSpan input, std::span<std::uint8_t> room) override {
        const auto given = input.size();
        std::size_t made = 0;
        if (given != 0) between_members_ = false;
        // Empty input too: there may be more output of what was taken before.
        for (bool more = true; more;) {
            if (!header_.done()) {
                HALLMARK_TRY(const auto size, header_.take(input));
                input = input.subspan(size);
                if (!header_.done()) break;
                ::isal_inflate_init(&state_);
                state_.crc_flag = ISAL_GZIP_NO_HDR_VER;
            }
            HALLMARK_TRY(const Step step, inflate(input, room.subspan(made)));
            input = input.subspan(step.taken);
            made += step.made;
            const bool member_is_over = state_.block_state == ISAL_BLOCK_FINISH;
            if (member_is_over) header_ = GzipHeader();
            between_members_ = member_is_over && input.empty();
            more = member_is_over && !input.empty();
        }
        return Step{given - input.size(), made};
    }

    Status end() override {
        if (!between_members_) return bad_input("gzip: ends inside the compressed data");
        return {};
    }

private:
    Result<Step> inflate(ByteSpan input, std::span<std::uint8_t> room) {
        // Pieces of a pipe, far below 4 GiB. The library only reads from its input.
        state_.next_in = const_cast<std::uint8_t*>(input.data());
        state_.avail_in = static_cast<std::uint32_t>(input.size());
        state_.next_out = room.data();
        state_.avail_out = static_cast<std::uint32_t>(room.size());
        const int status = ::isal_inflate(&state_);
        if (status == ISAL_INCORRECT_CHECKSUM)
            return bad_input("gzip: checksum or length is another than that of the content");
        if (status != ISAL_DECOMP_OK) return bad_input("gzip: the compressed data are damaged");
        return Step{input.size() - state_.avail_in, room.size() - state_.avail_out};
    }

    GzipHeader header_;
    inflate_state state_{};
    bool between_members_ = false;
};

}  // namespace

Result<std::unique_ptr<Decompressor>> gzip_decompressor() { return std::make_unique<Gzip>(); }

}  // namespace hallmark::layers
