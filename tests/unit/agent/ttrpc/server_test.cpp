// SPDX-License-Identifier: Apache-2.0
#include "agent/ttrpc/server.hpp"

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "agent/ttrpc/client.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/unit/agent/ttrpc/running_server.hpp"

namespace hallmark::ttrpc {
namespace {

using namespace std::chrono_literals;
using test::expect_failure;
using test::kMe;
using test::RawCaller;
using test::RunningServer;
using test::text;

TEST(TtrpcServer, AnswersACall) {
    const RunningServer server;
    RawCaller caller(server.path());
    caller.call(1, "Echo", "hello");
    EXPECT_EQ(text(caller.answer()), "hello");
    EXPECT_EQ(caller.last_stream, 1U);
}

TEST(TtrpcServer, AnswersOutOfOrder) {
    const RunningServer server;
    RawCaller caller(server.path());
    caller.call(1, "Slow", "first");
    caller.call(3, "Echo", "second");
    EXPECT_EQ(text(caller.answer()), "second");
    EXPECT_EQ(caller.last_stream, 3U);
    EXPECT_EQ(text(caller.answer()), "first");
    EXPECT_EQ(caller.last_stream, 1U);
}

TEST(TtrpcServer, AnswersMoreCallsAtOnceThanItHolds) {
    const RunningServer server({.workers = 2, .outstanding = 4});
    RawCaller caller(server.path());
    std::thread sender([&] {
        for (std::uint32_t i = 0; i < 1000; ++i) caller.call(2 * i + 1, "Echo", std::to_string(2 * i + 1));
    });
    std::set<std::uint32_t> answered;
    for (int i = 0; i < 1000; ++i) {
        const std::string answer = text(caller.answer());
        EXPECT_EQ(answer, std::to_string(caller.last_stream));
        answered.insert(caller.last_stream);
    }
    sender.join();
    EXPECT_EQ(answered.size(), 1000U);
}

TEST(TtrpcServer, NamesWhatItDoesNotServe) {
    const RunningServer server;
    RawCaller caller(server.path());
    caller.send(request_frame(1, "test.Nobody", "Echo", {}, {}));
    expect_failure(caller.answer(), Code::kUnimplemented, "service 'test.Nobody' is unknown here, expected test.Echo");
    caller.call(3, "Nothing", "");
    expect_failure(caller.answer(), Code::kUnimplemented, "method 'Nothing' of service 'test.Echo' is unknown");
}

TEST(TtrpcServer, AHandlersReasonReachesTheCaller) {
    const RunningServer server;
    RawCaller caller(server.path());
    caller.call(1, "Fail", "no such key\xff\n");
    expect_failure(caller.answer(), Code::kNotFound, "no such key??");
}

TEST(TtrpcServer, RefusesStreamsAndGoesOn) {
    const RunningServer server;
    RawCaller caller(server.path());
    Bytes opening = request_frame(1, "test.Echo", "Echo", {}, {});
    opening[9] = kRemoteOpen;
    caller.send(opening);
    expect_failure(caller.answer(), Code::kUnimplemented, "no method here streams");
    caller.send(begin_frame(1, Type::kData, 5));
    expect_failure(caller.answer(), Code::kUnimplemented, "no method here streams");
    Bytes closing = request_frame(3, "test.Echo", "Echo", as_bytes("x"), {});
    closing[9] = kRemoteClosed;
    caller.send(closing);
    EXPECT_EQ(text(caller.answer()), "x");
}

TEST(TtrpcServer, RefusesStreamNumbersThatAreNotTheCallers) {
    const RunningServer server;
    RawCaller caller(server.path());
    caller.call(2, "Echo", "");
    expect_failure(caller.answer(), Code::kInvalidArgument, "stream 2");
    caller.call(5, "Slow", "slow");
    caller.call(5, "Echo", "again");
    expect_failure(caller.answer(), Code::kInvalidArgument, "stream 5");
    EXPECT_EQ(text(caller.answer()), "slow");
    caller.call(5, "Echo", "answered, so free");
    EXPECT_EQ(text(caller.answer()), "answered, so free");
}

TEST(TtrpcServer, RefusesWhatIsTooLargeEitherWay) {
    const RunningServer server;
    RawCaller caller(server.path());
    caller.send(begin_frame(1, Type::kRequest, kLargestData + 1));
    expect_failure(caller.answer(), Code::kResourceExhausted,
                   "the request has 4194305 bytes, expected at most 4194304");
    caller.call(3, "Double", std::string(3U << 20, 'x'));
    expect_failure(caller.answer(), Code::kResourceExhausted, "the answer has 6291461 bytes, expected at most 4194304");
    const std::string large(kLargestData - 64, 'x');
    caller.call(5, "Echo", large);
    EXPECT_EQ(text(caller.answer()), large);
}

TEST(TtrpcServer, RefusesWhatIsNoRequest) {
    const RunningServer server;
    RawCaller caller(server.path());
    Bytes frame = begin_frame(1, Type::kRequest, 4);
    frame[10] = 0x0a;  // a text of 127 bytes
    frame[11] = 0x7f;
    caller.send(frame);
    expect_failure(caller.answer(), Code::kInvalidArgument, "request of 4 bytes, expected a message ttrpc.Request");
}

TEST(TtrpcServer, CutsOffWhoSendsFramesOfAServer) {
    const RunningServer server;
    for (const int type : {0, 2, 4, 255}) {
        RawCaller caller(server.path());
        caller.send(begin_frame(1, static_cast<Type>(type), 0));
        EXPECT_FALSE(caller.receive()) << type;
    }
}

/// Of an answer of the method Left; nothing where the caller waits without end.
std::optional<int> milliseconds(const Answer& answer) {
    EXPECT_TRUE(answer);
    if (!answer || answer->bytes().empty()) return std::nullopt;
    int value = 0;
    for (std::size_t i = 1; i < answer->bytes().size(); ++i) value |= (answer->bytes()[i] & 0x7f) << (7 * (i - 1));
    return value;
}

TEST(TtrpcServer, TellsTheHandlerWhenTheCallerStopsWaiting) {
    const RunningServer server;
    RawCaller caller(server.path());
    caller.call(1, "Left", "");
    EXPECT_FALSE(milliseconds(caller.answer()));
    caller.send(request_frame(3, "test.Echo", "Left", {}, 50s));
    const auto left = milliseconds(caller.answer());
    EXPECT_GT(left, 20'000);
    EXPECT_LE(left, 50'000);
    for (const auto without : {std::chrono::nanoseconds(-1), std::chrono::nanoseconds::max()}) {
        caller.send(request_frame(5, "test.Echo", "Left", {}, without));
        EXPECT_FALSE(milliseconds(caller.answer()));
    }
}

TEST(TtrpcServer, ACallWhoseTimeIsOverReachesNoHandler) {
    const RunningServer server({.workers = 1});
    RawCaller caller(server.path());
    caller.call(1, "Slow", "");
    caller.send(request_frame(3, "test.Echo", "Echo", {}, 1ms));
    EXPECT_TRUE(caller.answer());
    expect_failure(caller.answer(), Code::kDeadlineExceeded, "until its time was over");
}

TEST(TtrpcServer, CutsOffHalfAFrameButNotWhoIsSilent) {
    const RunningServer server({.stall = 200ms});
    RawCaller silent(server.path());
    RawCaller half(server.path());
    const Bytes frame = request_frame(1, "test.Echo", "Echo", {}, {});
    half.send(ByteSpan(frame).first(frame.size() - 1));
    const auto start = Clock::now();
    EXPECT_FALSE(half.receive());
    EXPECT_GE(Clock::now() - start, 150ms);
    EXPECT_LT(Clock::now() - start, 5s);
    silent.call(1, "Echo", "still here");
    EXPECT_EQ(text(silent.answer()), "still here");
}

TEST(TtrpcServer, CutsOffWhoDoesNotRead) {
    const RunningServer server({.buffered = 1U << 20, .stall = 300ms});
    RawCaller slow(server.path());
    const std::string large(2U << 20, 'x');
    slow.call(1, "Echo", large);
    RawCaller other(server.path());
    other.call(1, "Echo", "not held up");
    EXPECT_EQ(text(other.answer()), "not held up");
    std::this_thread::sleep_for(1s);
    // What the kernel held, and then no more.
    EXPECT_FALSE(slow.receive());
}

TEST(TtrpcServer, FurtherConnectionsWait) {
    const RunningServer server({.connections = 1});
    auto first = std::make_unique<RawCaller>(server.path());
    first->call(1, "Echo", "1");
    EXPECT_EQ(text(first->answer()), "1");
    RawCaller second(server.path());
    second.call(1, "Echo", "2");
    std::thread leaver([&] {
        std::this_thread::sleep_for(100ms);
        first.reset();
    });
    EXPECT_EQ(text(second.answer()), "2");
    leaver.join();
}

TEST(TtrpcServer, OneCallerDoesNotHoldUpAnother) {
    const RunningServer server({.workers = 1});
    RawCaller greedy(server.path());
    for (std::uint32_t i = 0; i < 20; ++i) greedy.call(2 * i + 1, "Slow", "");
    RawCaller modest(server.path());
    const auto start = Clock::now();
    modest.call(1, "Echo", "");
    EXPECT_TRUE(modest.answer());
    EXPECT_LT(Clock::now() - start, 1500ms);
}

TEST(TtrpcServer, GivesNothingToWhoMayNotCall) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root, to become another user";
    const RunningServer server({}, {7});
    std::filesystem::permissions(std::filesystem::path(server.path()).parent_path(), std::filesystem::perms::all);
    std::thread([&] {
        // Of this thread alone: the C library's setuid() is for all of them.
        ASSERT_EQ(::syscall(SYS_setresuid, 65534, 65534, 65534), 0);
        const auto answer = Client(server.path()).call("test.Echo", "Echo", {}, 10s);
        expect_failure(answer, Code::kUnavailable, "");
        EXPECT_EQ(answer.error().message.find("Permission denied"), std::string::npos)
            << "the file keeps all others out";
    }).join();
    EXPECT_TRUE(Client(server.path()).call("test.Echo", "Echo", {}, 10s));
}

TEST(TtrpcServer, StopsWithCallsUnderWay) {
    RunningServer server;
    RawCaller caller(server.path());
    caller.call(1, "Slow", "");
    std::this_thread::sleep_for(50ms);
    server.stop();
    EXPECT_FALSE(caller.receive());
}

}  // namespace
}  // namespace hallmark::ttrpc
