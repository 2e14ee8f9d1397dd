// SPDX-License-Identifier: Apache-2.0
#include "agent/layers/decompressor.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <utility>

#include "tests/support/expect_error.hpp"
#include "tests/unit/agent/layers/compressed.hpp"

namespace hallmark::layers {
namespace {

using test::gzip_member;
using test::skippable_frame;
using test::zstd_frame;

/// Half of it compresses, half does not.
Bytes mixed(std::size_t size) {
    std::mt19937 random(7);
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i / 4096 % 2 == 0 ? i / 64 : random());
    return bytes;
}

/// Everything, with input and room in pieces of these sizes.
Result<Bytes> decompressed(Compression compression, ByteSpan input, std::size_t in_piece, std::size_t out_piece) {
    HALLMARK_TRY(const auto decompressor, decompressor_of(compression));
    Bytes all;
    Bytes room(out_piece);
    while (!input.empty()) {
        auto piece = input.first(std::min(in_piece, input.size()));
        input = input.subspan(piece.size());
        for (bool more = true; more;) {
            HALLMARK_TRY(const auto step, decompressor->step(piece, room));
            append(all, ByteSpan(room).first(step.made));
            piece = piece.subspan(step.taken);
            more = step.made == room.size() || !piece.empty();
            if (step.made == 0 && step.taken == 0 && more) return refused("stands still");
        }
    }
    HALLMARK_CHECK(decompressor->end());
    return all;
}

void expect_all(Compression compression, ByteSpan input, const Bytes& expected) {
    for (const auto& [in, out] : {std::pair{1U, 1U << 16U}, {1U << 16U, 1U}, {7U, 13U}, {1U << 20U, 1U << 20U}}) {
        const auto found = decompressed(compression, input, in, out);
        ASSERT_TRUE(found) << found.error().message << " in pieces of " << in << " and " << out;
        EXPECT_EQ(*found, expected) << "in pieces of " << in << " and " << out;
    }
}

void expect_refused(Compression compression, ByteSpan input, std::string_view word) {
    for (const auto& [in, out] : {std::pair{1U, 64U}, {1U << 16U, 1U << 16U}})
        test::expect_error(decompressed(compression, input, in, out), {word});
}

Bytes joined(std::initializer_list<Bytes> parts) {
    Bytes all;
    for (const auto& part : parts) append(all, part);
    return all;
}

TEST(Decompressor, CopiesWhatIsNotCompressed) { expect_all(Compression::kNone, mixed(10'000), mixed(10'000)); }

TEST(Gzip, IsRead) {
    for (const std::size_t size : {0U, 1U, 70'000U, 150'000U})
        expect_all(Compression::kGzip, gzip_member(mixed(size)), mixed(size));
}

TEST(Gzip, MayHaveEveryFieldAndMembers) {
    const auto content = mixed(50'000);
    expect_all(Compression::kGzip, gzip_member(content, true), content);
    expect_all(Compression::kGzip,
               joined({gzip_member({}), gzip_member(content, true), gzip_member({}), gzip_member(content)}),
               joined({content, content}));
}

TEST(Gzip, MayNotBeDamaged) {
    const auto good = gzip_member(mixed(50'000));
    for (const std::size_t size : {1UL, 9UL, 10UL, 5'000UL, good.size() - 8, good.size() - 1})
        expect_refused(Compression::kGzip, ByteSpan(good).first(size), "ends inside");
    for (const std::size_t from_end : {1U, 4U, 5U, 8U}) {
        auto bad = good;
        bad[bad.size() - from_end] ^= 1U;
        expect_refused(Compression::kGzip, bad, "checksum or length");
    }
    for (const auto& behind : {Bytes(512), Bytes{'x', 'y', 'z', 'x', 'y', 'z', 'x', 'y', 'z', 'x'}})
        expect_refused(Compression::kGzip, joined({good, behind}), "no gzip header");
    expect_refused(Compression::kGzip, joined({good, {0x1F}}), "ends inside");
    expect_refused(Compression::kGzip, joined({good, {0x1F, 0x8B, 8, 0}}), "ends inside");
    test::expect_error(decompressed(Compression::kGzip, {}, 1, 1), {"ends inside"});
    // A block of the reserved type: RFC 1951, section 3.2.3.
    expect_refused(Compression::kGzip, Bytes{0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 7, 0, 0, 0, 0, 0, 0, 0}, "damaged");
}

TEST(Zstd, IsRead) {
    for (const std::size_t size : {0U, 1U, 70'000U, 150'000U})
        expect_all(Compression::kZstd, zstd_frame(mixed(size)), mixed(size));
}

TEST(Zstd, MayHaveFramesToSkip) {
    const auto content = mixed(50'000);
    expect_all(Compression::kZstd,
               joined({skippable_frame(0), zstd_frame(content), skippable_frame(200), zstd_frame(content),
                       skippable_frame(64)}),
               joined({content, content}));
}

TEST(Zstd, MayNotBeDamaged) {
    const auto good = zstd_frame(mixed(50'000));
    for (const std::size_t size : {1UL, 5UL, 5'000UL, good.size() - 4, good.size() - 1})
        expect_refused(Compression::kZstd, ByteSpan(good).first(size), "ends inside");
    auto bad = good;
    bad.back() ^= 1U;
    expect_refused(Compression::kZstd, bad, "checksum");
    expect_refused(Compression::kZstd, joined({good, Bytes(512)}), "zstd: ");
    test::expect_error(decompressed(Compression::kZstd, {}, 1, 1), {"ends inside"});
    expect_refused(Compression::kZstd, ByteSpan(skippable_frame(9)).first(12), "ends inside");
}

TEST(Zstd, HasABoundOnItsWindow) {
    const auto content = mixed(300'000);
    expect_all(Compression::kZstd, zstd_frame(content, kLargestZstdWindow), content);
    expect_refused(Compression::kZstd, zstd_frame(content, kLargestZstdWindow + 1), "than the 32 MiB");
}

}  // namespace
}  // namespace hallmark::layers
