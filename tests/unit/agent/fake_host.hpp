// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>

#include "agent/ports/framed_port.hpp"
#include "common/formats/guest_port.hpp"

namespace hallmark::guest::test {

/// The host's end of a port, and the guest's end for whoever is tested.
class FakeHost {
public:
    FakeHost() {
        std::array<int, 2> ends{};
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0) std::abort();
        host_ = FileDescriptor(ends[0]);
        guest_ = FileDescriptor(ends[1]);
    }
    FramedPort take_port() { return {std::move(guest_), "port"}; }

    void write(ByteSpan bytes) const {
        ASSERT_EQ(::write(host_.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    }
    void write(const guest_port::Frame& frame) const { write(guest_port::encode(frame)); }

    /// The next frame that the guest sends; fails the test after five seconds.
    guest_port::Frame read() {
        guest_port::Frame frame;
        for (;;) {
            const auto whole = decoder_.next(frame);
            if (!whole || *whole) return frame;
            pollfd file{.fd = host_.get(), .events = POLLIN, .revents = 0};
            if (::poll(&file, 1, 5000) != 1) {
                ADD_FAILURE() << "the guest sends nothing";
                return frame;
            }
            std::array<std::uint8_t, 65536> block;
            const auto count = ::read(host_.get(), block.data(), block.size());
            if (count <= 0) return frame;
            decoder_.add(ByteSpan(block).first(static_cast<std::size_t>(count)));
        }
    }
    void hang_up() { host_.reset(); }

private:
    FileDescriptor host_;
    FileDescriptor guest_;
    guest_port::FrameDecoder decoder_;
};

/// Enough for a slow machine where something is expected; short where a limit is expected to run out.
constexpr std::chrono::milliseconds kLong{5000};
constexpr std::chrono::milliseconds kShort{50};

}  // namespace hallmark::guest::test
