// SPDX-License-Identifier: Apache-2.0
#include "measure/qemu/qtest.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "common/socket_pair.hpp"
#include "tests/support/expect_error.hpp"

namespace hallmark::qemu {
namespace {

using namespace std::chrono_literals;
using test::expect_error;

/// A peer that has answered already; what it was asked can be read afterwards.
struct Peer {
    explicit Peer(std::string_view answers, std::chrono::milliseconds limit = 10s)
        : sockets(SocketPair::make().value()), qtest(std::move(sockets.ours), hallmark::in(limit)) {
        EXPECT_EQ(::write(sockets.theirs.get(), answers.data(), answers.size()), static_cast<ssize_t>(answers.size()));
    }
    std::string asked() {
        char text[256];
        const auto count = ::read(sockets.theirs.get(), text, sizeof text);
        return {text, count > 0 ? static_cast<std::size_t>(count) : 0};
    }
    SocketPair sockets;
    Qtest qtest;
};

// Commands and answers as QEMU's docs/devel/testing/qtest.rst has them.
TEST(Qtest, ReadsAndWrites) {
    Peer peer("OK 0x0102ff\nIRQ raise 4\nOK\nOK 0x29c08086\nOK\n");
    EXPECT_EQ(peer.qtest.read(0x1000, 3).value(), Bytes({1, 2, 0xff}));
    EXPECT_TRUE(peer.qtest.write(0x2000, Bytes{0xab, 0xcd}));
    EXPECT_EQ(peer.qtest.in(0xcfc).value(), 0x29c08086U);
    EXPECT_TRUE(peer.qtest.out(0xcf8, 0x80000000));
    EXPECT_EQ(peer.asked(), "read 0x1000 0x3\nwrite 0x2000 0x2 0xabcd\ninl 0xcfc\noutl 0xcf8 0x80000000\n");
}

TEST(Qtest, RefusesOtherAnswers) {
    expect_error(Peer("FAIL Unknown command\n").qtest.read(0, 1), {"'read' answered by 'FAIL Unknown"});
    expect_error(Peer("OK 0x0102\n").qtest.read(0, 1), {"2 bytes, expected 1"});
    expect_error(Peer("OK\n").qtest.read(0, 1), {"memory as ''"});
    expect_error(Peer("OK 0xzz\n").qtest.read(0, 1), {});
    expect_error(Peer("OK x\n").qtest.out(0, 1), {"'outl' answered by 'x'"});
    expect_error(Peer("OK x\n").qtest.in(0), {});
}

TEST(Qtest, DoesNotWaitForever) {
    expect_error(Peer("OK 0x", 50ms).qtest.read(0, 1), {"time limit"});
    // Nor for as long as it is talked to.
    expect_error(Peer("IRQ raise 4\nOK 0x01\n", 0ms).qtest.read(0, 1), {"time limit"});
    Peer peer("");
    peer.sockets.theirs.reset();
    EXPECT_FALSE(peer.qtest.read(0, 1));
    Peer endless("", 10s);
    std::thread writer([&] {
        const std::string much(64UL * 1024, 'x');
        while (::send(endless.sockets.theirs.get(), much.data(), much.size(), MSG_NOSIGNAL) > 0) {
        }
    });
    expect_error(endless.qtest.read(0, 1), {"without end"});
    endless.qtest = Qtest(FileDescriptor(), hallmark::in(0ms));  // closes ours, so that the writer ends
    writer.join();
}

}  // namespace
}  // namespace hallmark::qemu
