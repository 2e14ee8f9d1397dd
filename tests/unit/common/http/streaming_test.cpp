// SPDX-License-Identifier: Apache-2.0
// What client.hpp does besides whole answers: bodies that go to a sink, slow servers, proxies, local addresses.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

#include "common/http/client.hpp"
#include "tests/support/loopback_server.hpp"

namespace hallmark::http {
namespace {

using std::chrono::milliseconds;
using test::LoopbackServer;

Request get(const std::string& url) {
    Request request;
    request.url = url;
    request.limits = {.largest_body = 1000, .connect = milliseconds(2000), .whole = milliseconds(4000)};
    return request;
}

std::string text_of(ByteSpan bytes) { return {bytes.begin(), bytes.end()}; }

TEST(Streaming, GivesABodyOfAnyLengthToTheSink) {
    LoopbackServer server({LoopbackServer::answer(206, std::string(100'000, 'x'), "Content-Range: bytes 5-9/10\r\n")});
    Request request = get(server.url());
    std::string got;
    request.sink = [&](const Response& head, ByteSpan piece) -> Status {
        EXPECT_EQ(head.status, 206);
        EXPECT_EQ(head.headers.at("content-range"), "bytes 5-9/10");
        got += text_of(piece);
        return {};
    };
    const auto response = perform(request);
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(got, std::string(100'000, 'x'));
    EXPECT_TRUE(response->body.empty());
}

TEST(Streaming, KeepsWhatIsNoSuccess) {
    LoopbackServer server({LoopbackServer::answer(404, "gone"), LoopbackServer::answer(404, std::string(1001, 'x'))});
    Request request = get(server.url());
    request.sink = [](const Response&, ByteSpan) -> Status {
        ADD_FAILURE() << "was given an error's text";
        return {};
    };
    const auto response = perform(request);
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(text_of(response->body), "gone");
    EXPECT_FALSE(perform(request));
}

TEST(Streaming, EndsWithTheSinksError) {
    LoopbackServer server({LoopbackServer::answer(200, std::string(100'000, 'x'))});
    Request request = get(server.url());
    request.sink = [](const Response&, ByteSpan) -> Status { return refused("the disk is full"); };
    const auto answer = attempt(request);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().error.message, "the disk is full");
    EXPECT_EQ(answer.error().error.fault, Fault::kNo);
    EXPECT_FALSE(answer.error().may_pass);
}

TEST(Streaming, LeavesASlowServer) {
    LoopbackServer silent({});  // its kernel takes connections, and nobody answers
    Request request = get(silent.url());
    request.limits.whole = milliseconds(0);
    request.limits.slowest = 1000;
    request.limits.slow_for = milliseconds(1000);
    const auto answer = attempt(request);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().cause, Cause::kTime);
    EXPECT_TRUE(answer.error().may_pass);
    EXPECT_NE(answer.error().error.message.find("less than 1000 bytes a second for 1 s"), std::string::npos)
        << answer.error().error.message;
}

TEST(Streaming, DoesNotBlameTheServerForASlowSink) {
    LoopbackServer server({LoopbackServer::answer(200, std::string(20'000, 'x'))});
    Request request = get(server.url());
    request.limits.whole = milliseconds(0);
    request.limits.slowest = 100'000;
    request.limits.slow_for = milliseconds(100);
    request.sink = [](const Response&, ByteSpan) -> Status {
        std::this_thread::sleep_for(milliseconds(150));
        return {};
    };
    const auto answer = attempt(request);
    EXPECT_TRUE(answer) << answer.error().error.message;
}

TEST(Streaming, KeepsEveryChallengeOfTheLastAnswer) {
    LoopbackServer server({"HTTP/1.1 103 x\r\nWWW-Authenticate: early\r\n\r\n" +
                           LoopbackServer::answer(401, "", "WWW-Authenticate: a\r\nwww-authenticate: b\r\n")});
    const auto response = perform(get(server.url()));
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->challenges, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(response->peer, "127.0.0.1");
}

TEST(Streaming, AsksNobodyAtALocalAddressWhereToldSo) {
    LoopbackServer server({LoopbackServer::answer(200, "a"), LoopbackServer::answer(200, "b")});
    Request request = get(server.url());
    request.refuse_local = true;
    const auto answer = attempt(request);
    ASSERT_FALSE(answer);
    EXPECT_NE(answer.error().error.message.find("leads to 127.0.0.1"), std::string::npos)
        << answer.error().error.message;
    EXPECT_FALSE(answer.error().may_pass);
    request.refuse_local = false;
    ASSERT_TRUE(attempt(request));
    EXPECT_EQ(server.requests()[0], "") << "nothing was to be sent";
}

TEST(Streaming, AsksThroughAProxyUnlessExcepted) {
    LoopbackServer proxy({LoopbackServer::answer(200, "of the proxy")});
    LoopbackServer server({LoopbackServer::answer(200, "of the server")});
    Request request = get("http://registry.example/a");
    request.proxy = Proxy{proxy.url(), "127.0.0.1,other.example"};
    const auto through = perform(request);
    ASSERT_TRUE(through) << through.error().message;
    EXPECT_EQ(text_of(through->body), "of the proxy");
    EXPECT_TRUE(proxy.requests()[0].starts_with("GET http://registry.example/a HTTP/1.1\r\n")) << proxy.requests()[0];
    request.url = server.url();
    const auto direct = perform(request);
    ASSERT_TRUE(direct) << direct.error().message;
    EXPECT_EQ(text_of(direct->body), "of the server");
}

}  // namespace
}  // namespace hallmark::http
