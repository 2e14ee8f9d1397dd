// SPDX-License-Identifier: Apache-2.0
#include "common/http/client.hpp"

#include <gtest/gtest.h>

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

std::string text_of(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

template <class T>
void expect_error(const Result<T>& result, std::string_view why) {
    ASSERT_FALSE(result) << "expected: " << why;
    EXPECT_EQ(result.error().fault, Fault::kBadInput);
    EXPECT_NE(result.error().message.find(why), std::string::npos) << result.error().message;
}

/// Notes the waits and doesn't wait.
struct Waits {
    std::vector<milliseconds> waits;
    Patience patience{.attempts = 4, .sleep = [this](milliseconds wait) { waits.push_back(wait); }};
};

TEST(HttpClient, GetsStatusHeadersAndBody) {
    LoopbackServer server({LoopbackServer::answer(404, "gone", "X-Chain:  a b \r\nX-CHAIN: c\r\n")});
    const auto response = perform(get(server.url() + "/a?b=01"));
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 404);
    EXPECT_EQ(text_of(response->body), "gone");
    EXPECT_EQ(response->headers.at("x-chain"), "c");
    ASSERT_EQ(server.requests().size(), 1U);
    EXPECT_TRUE(server.requests()[0].starts_with("GET /a?b=01 HTTP/1.1\r\n")) << server.requests()[0];
}

TEST(HttpClient, KeepsEveryCookieOfTheLastAnswer) {
    LoopbackServer server({"HTTP/1.1 103 x\r\nSet-Cookie: early=1\r\n\r\n" +
                           LoopbackServer::answer(200, "", "Set-Cookie: a=1; Path=/\r\nset-cookie:b=2\r\nX: y\r\n")});
    const auto response = perform(get(server.url()));
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->set_cookies, (std::vector<std::string>{"a=1; Path=/", "b=2"}));
}

TEST(HttpClient, SendsWhatItIsGiven) {
    LoopbackServer server({LoopbackServer::answer(200, "ok")});
    Request request = get(server.url() + "/");
    request.method = "POST";
    request.headers = {"Content-Type: application/json"};
    request.body = {'{', '}'};
    ASSERT_TRUE(perform(request));
    const auto sent = server.requests()[0];
    EXPECT_TRUE(sent.starts_with("POST / HTTP/1.1\r\n")) << sent;
    EXPECT_NE(sent.find("Content-Type: application/json\r\n"), std::string::npos);
    EXPECT_NE(sent.find("Content-Length: 2\r\n"), std::string::npos);
}

TEST(HttpClient, StopsAtItsLimits) {
    LoopbackServer server({LoopbackServer::answer(200, std::string(1000, 'x')),
                           LoopbackServer::answer(200, std::string(1001, 'x')),
                           // Nothing tells its length before it is there.
                           "HTTP/1.1 200 x\r\nConnection: close\r\n\r\n" + std::string(100'000, 'x'),
                           LoopbackServer::answer(200, "", "X: " + std::string(70'000, 'x') + "\r\n")});
    EXPECT_TRUE(perform(get(server.url())));
    expect_error(perform(get(server.url())), "more than 1000 bytes");
    expect_error(perform(get(server.url())), "more than 1000 bytes");
    expect_error(perform(get(server.url())), server.url());
}

TEST(HttpClient, DoesNotWaitForASlowServer) {
    LoopbackServer server({"HTTP/1.1 200 x\r\nContent-Length: 10\r\n\r\nabc"});
    Request request = get(server.url());
    request.limits.whole = milliseconds(300);
    const auto answer = attempt(request);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().cause, Cause::kConnection);  // the server hangs up in the middle
    EXPECT_NE(answer.error().error.message.find(server.url()), std::string::npos);
}

TEST(HttpClient, FollowsNoRedirect) {
    LoopbackServer server({LoopbackServer::answer(302, "", "Location: file:///etc/passwd\r\n")});
    const auto response = perform(get(server.url()));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 302);
    EXPECT_TRUE(response->body.empty());
}

TEST(HttpClient, SpeaksNothingButHttp) {
    for (const char* url : {"file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "", "HTTP://x", "//x"})
        expect_error(perform(get(url)), "expected an address");
}

TEST(HttpClient, TellsOfTlsWhereThereIsNone) {
    LoopbackServer server({"no TLS here"});
    Request request = get("https" + server.url().substr(4));
    expect_error(perform(request), request.url);
}

TEST(HttpClient, TellsThatNobodyListens) {
    const auto answer = attempt(get("http://127.0.0.1:1"));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().cause, Cause::kConnection);
    EXPECT_TRUE(answer.error().may_pass);
}

TEST(HttpClient, KeepsNothingOfOneRequestInTheNext) {
    LoopbackServer server({LoopbackServer::answer(200, "one"), LoopbackServer::answer(200, "two")});
    Session session;
    Request request = get(server.url());
    request.method = "POST";
    request.headers = {"X-One: 1"};
    request.body = {'{', '}'};
    ASSERT_TRUE(session.attempt(request));
    const auto second = session.attempt(get(server.url()));
    ASSERT_TRUE(second);
    EXPECT_EQ(text_of(second->body), "two");
    const auto sent = server.requests();
    EXPECT_TRUE(sent[1].starts_with("GET / HTTP/1.1\r\n")) << sent[1];
    EXPECT_EQ(sent[1].find("X-One"), std::string::npos) << sent[1];
    EXPECT_EQ(sent[1].find("Content-"), std::string::npos) << sent[1];
}

TEST(HttpFetch, WaitsAsItIsAsked) {
    LoopbackServer server({LoopbackServer::answer(429, "", "Retry-After: 7\r\n"), LoopbackServer::answer(503, ""),
                           LoopbackServer::answer(429, "", "Retry-After: Wed, 21 Oct 2026 07:28:00 GMT\r\n"),
                           LoopbackServer::answer(200, "at last")});
    Waits waits;
    const auto body = fetch(get(server.url()), waits.patience);
    ASSERT_TRUE(body) << body.error().message;
    EXPECT_EQ(text_of(*body), "at last");
    EXPECT_EQ(waits.waits, (std::vector<milliseconds>{milliseconds(7000), milliseconds(2000), milliseconds(4000)}));
}

TEST(HttpFetch, GivesUp) {
    LoopbackServer server({LoopbackServer::answer(429, "", "Retry-After: 1\r\n"), LoopbackServer::answer(429, ""),
                           LoopbackServer::answer(429, "", "Retry-After: 86400\r\n"), LoopbackServer::answer(404, "")});
    Waits waits;
    waits.patience.attempts = 2;
    expect_error(fetch(get(server.url()), waits.patience), "status 429 after 2 attempts");
    EXPECT_EQ(waits.waits.size(), 1U);
    waits.waits.clear();
    expect_error(fetch(get(server.url()), waits.patience), "try again in 86400 s");  // too long to wait for
    expect_error(fetch(get(server.url()), waits.patience), "status 404, expected 200");
    EXPECT_TRUE(waits.waits.empty());
}

}  // namespace
}  // namespace hallmark::http
