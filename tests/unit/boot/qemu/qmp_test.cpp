// SPDX-License-Identifier: Apache-2.0
#include "boot/qemu/qmp.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/socket_pair.hpp"

namespace hallmark::boot {
namespace {

using namespace std::chrono_literals;

void say(const FileDescriptor& socket, std::string_view text) {
    ASSERT_EQ(::write(socket.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

constexpr std::string_view kGreeting = R"({"QMP": {"version": {"qemu": {"major": 11}}, "capabilities": ["oob"]}})"
                                       "\r\n";

TEST(QmpDecoder, MessagesThatComeInPieces) {
    QmpDecoder decoder;
    Json message;
    decoder.add(R"({"return": {)");
    EXPECT_FALSE(decoder.next(message).value());
    decoder.add("}}\r\n{\"event\": \"STOP\"}\n{");
    ASSERT_TRUE(decoder.next(message).value());
    EXPECT_TRUE(message.contains("return"));
    ASSERT_TRUE(decoder.next(message).value());
    EXPECT_EQ(message["event"], "STOP");
    EXPECT_FALSE(decoder.next(message).value());
}

TEST(QmpDecoder, WhatIsNoObjectIsRefused) {
    for (const auto* text : {"garbage\n", "[1]\n", "\n", "{\"a\":1}{\n"}) {
        QmpDecoder decoder;
        Json message;
        decoder.add(text);
        EXPECT_FALSE(decoder.next(message)) << text;
    }
    QmpDecoder decoder;
    Json message;
    decoder.add(std::string(5 * 1024 * 1024, ' '));
    EXPECT_FALSE(decoder.next(message));
}

TEST(Qmp, AnswersAreToldFromEventsAndFromOtherAnswers) {
    auto pair = SocketPair::make();
    ASSERT_TRUE(pair);
    say(pair->theirs, kGreeting);
    say(pair->theirs, R"({"return": {}, "id": 1})"
                      "\n");
    auto qmp = Qmp::connect(std::move(pair->ours), in(1s));
    ASSERT_TRUE(qmp) << qmp.error().message;
    say(pair->theirs, R"({"event": "SHUTDOWN", "data": {"reason": "guest-reset"}})"
                      "\n"
                      R"({"return": "late", "id": 1})"
                      "\n"
                      R"({"return": "mine", "id": 2})"
                      "\n");
    EXPECT_EQ(qmp->execute("query-status", Json::object(), in(1s)).value(), "mine");
    ASSERT_EQ(qmp->events().size(), 1U);
    EXPECT_EQ(qmp->events().front()["data"]["reason"], "guest-reset");
}

TEST(Qmp, RefusalSilenceAndEndAreErrors) {
    auto pair = SocketPair::make();
    ASSERT_TRUE(pair);
    say(pair->theirs, kGreeting);
    say(pair->theirs, R"({"return": {}, "id": 1})"
                      "\n"
                      R"({"error": {"class": "GenericError", "desc": "no such thing"}, "id": 2})"
                      "\n");
    auto qmp = Qmp::connect(std::move(pair->ours), in(1s));
    ASSERT_TRUE(qmp);
    EXPECT_NE(qmp->execute("eject", Json::object(), in(1s)).error().message.find("no such thing"), std::string::npos);
    EXPECT_NE(qmp->execute("stop", Json::object(), in(20ms)).error().message.find("time limit"), std::string::npos);
    pair->theirs.reset();
    EXPECT_FALSE(qmp->execute("stop", Json::object(), in(1s)));
}

TEST(Qmp, SomethingElseThanQemuIsRefused) {
    auto pair = SocketPair::make();
    ASSERT_TRUE(pair);
    say(pair->theirs, "{\"hello\": 1}\n");
    EXPECT_FALSE(Qmp::connect(std::move(pair->ours), in(1s)));
}

}  // namespace
}  // namespace hallmark::boot
