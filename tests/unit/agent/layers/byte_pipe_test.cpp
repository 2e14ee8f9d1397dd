// SPDX-License-Identifier: Apache-2.0
#include "agent/layers/byte_pipe.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "tests/support/expect_error.hpp"

namespace hallmark::layers {
namespace {

Bytes counted(std::size_t size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 251);
    return bytes;
}

Result<Bytes> read_all(BytePipe& pipe) {
    Bytes all;
    for (;;) {
        HALLMARK_TRY(const ByteSpan piece, pipe.next());
        if (piece.empty()) return all;
        append(all, piece);
    }
}

TEST(BytePipe, CarriesBytesOfAnyPiecesInOrder) {
    const auto sent = counted(300'000);
    for (const std::size_t capacity : {4U, 61U, 4096U, 1U << 20U}) {
        BytePipe pipe(capacity);
        std::thread writer([&] {
            for (std::size_t at = 0, size = 1; at < sent.size(); at += size, size = size * 3 % 10'007 + 1) {
                const auto piece = ByteSpan(sent).subspan(at);
                size = std::min(size, piece.size());
                EXPECT_TRUE(pipe.push(piece.first(size)));
            }
            pipe.close();
        });
        const auto got = read_all(pipe);
        writer.join();
        ASSERT_TRUE(got);
        EXPECT_EQ(*got, sent);
    }
}

TEST(BytePipe, HoldsNoMoreThanItsCapacity) {
    BytePipe pipe(64);
    ASSERT_TRUE(pipe.push(counted(64)));
    bool pushed = false;
    std::thread writer([&] {
        EXPECT_TRUE(pipe.push(counted(1)));
        pushed = true;
        pipe.close();
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    // The reader has it until it asks for more.
    ASSERT_EQ(pipe.next()->size(), 16U);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_FALSE(pushed);
    EXPECT_EQ(read_all(pipe)->size(), 49U);
    writer.join();
    EXPECT_TRUE(pushed);
}

TEST(BytePipe, GivesAnErrorInsteadOfWhatIsLeft) {
    BytePipe pipe(64);
    ASSERT_TRUE(pipe.push(counted(5)));
    pipe.fail({Fault::kNo, "first"});
    pipe.fail({Fault::kNo, "second"});
    pipe.close();
    test::expect_error(pipe.next(), {"first"}, Fault::kNo);
    test::expect_error(pipe.push(counted(1)), {"first"}, Fault::kNo);
    test::expect_error(pipe.room(), {"first"}, Fault::kNo);
}

TEST(BytePipe, WakesWhoeverWaits) {
    BytePipe empty(8);
    std::thread reader([&] { test::expect_error(empty.next(), {"gone"}, Fault::kNo); });
    empty.fail({Fault::kNo, "gone"});
    reader.join();
    BytePipe full(8);
    ASSERT_TRUE(full.push(counted(8)));
    std::thread writer([&] { test::expect_error(full.push(counted(1)), {"gone"}, Fault::kNo); });
    full.fail({Fault::kNo, "gone"});
    writer.join();
}

}  // namespace
}  // namespace hallmark::layers
