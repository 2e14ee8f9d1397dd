// SPDX-License-Identifier: Apache-2.0
#include "agent/registry/token.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include "agent/registry/failure.hpp"
#include "tests/support/expect_error.hpp"

namespace hallmark::registry {
namespace {

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

Challenge bearer(const std::string& realm, const std::string& service = "s") {
    return {"bearer", {{"realm", realm}, {"service", service}, {"scope", "repository:other:push,pull"}}};
}

Login login(const std::string& identity = "") {
    Login login;
    login.user = "Aladdin";
    login.password = Secret(bytes_of("open sesame"));
    login.identity_token = Secret(bytes_of(identity));
    return login;
}

TEST(TokenRequest, AsksToPullFromTheRepositoryOnly) {
    const auto request = token_request(bearer("https://auth.example/token", "a b&c"), "team/app", nullptr);
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->url, "https://auth.example/token?service=a%20b%26c&scope=repository%3Ateam%2Fapp%3Apull");
    EXPECT_EQ(request->method, "GET");
    EXPECT_TRUE(request->headers.empty());
    EXPECT_EQ(token_request(bearer("https://auth.example/t?x=y"), "a", nullptr)->url,
              "https://auth.example/t?x=y&service=s&scope=repository%3Aa%3Apull");
}

TEST(TokenRequest, SaysWhoAsks) {
    const Login password = login();
    const auto basic = token_request(bearer("https://auth.example/token"), "a", &password);
    ASSERT_TRUE(basic);
    EXPECT_EQ(basic->headers, std::vector<std::string>{"Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="});
    const Login identity = login("re/fresh");
    const auto refresh = token_request(bearer("https://auth.example/token"), "a", &identity);
    ASSERT_TRUE(refresh);
    EXPECT_EQ(refresh->method, "POST");
    EXPECT_EQ(refresh->url, "https://auth.example/token");
    EXPECT_EQ(std::string(refresh->body.begin(), refresh->body.end()),
              "grant_type=refresh_token&client_id=hallmark&service=s&scope=repository%3Aa%3Apull&"
              "refresh_token=re%2Ffresh");
}

TEST(TokenRequest, RefusesWhereNobodyIs) {
    test::expect_error(token_request({"bearer", {}}, "a", nullptr), {"without realm"});
    for (const auto* realm : {"", "auth.example", "file:///etc/passwd", "https://user:pw@auth.example/"})
        test::expect_error(token_request(bearer(realm), "a", nullptr), {"realm"});
}

Result<Token> parsed(std::string_view body) { return parse_token(as_bytes(body), "r"); }

TEST(Token, IsRead) {
    const auto token = parsed(R"({"token":"a.b-c_~+/==","access_token":"x","expires_in":300,"issued_at":"now"})");
    ASSERT_TRUE(token) << token.error().message;
    EXPECT_TRUE(equal(token->value.bytes(), as_bytes("a.b-c_~+/==")));
    EXPECT_EQ(token->life, std::chrono::seconds(300));
    EXPECT_EQ(parsed(R"({"access_token":"x"})")->life, std::chrono::seconds(60));
    EXPECT_EQ(parsed(R"({"token":"x","expires_in":18446744073709551615})")->life, std::chrono::hours(24));
}

TEST(Token, RefusesWhatIsNone) {
    for (const std::string body : {"", "[]", "{}", R"({"token":""})", R"({"token":1})", R"({"token":"a b"})",
                                   R"({"token":"a\r\nX: y"})", R"({"token":"x","expires_in":-1})"})
        EXPECT_FALSE(parsed(body)) << body;
    EXPECT_FALSE(parsed(R"({"token":")" + std::string(40'000, 'a') + "\"}"));
}

TEST(TokenCache, KeepsWhatHolds) {
    TokenCache cache;
    EXPECT_EQ(cache.header("a"), "");
    cache.keep("a", {Secret(bytes_of("t1")), std::chrono::seconds(60)});
    cache.keep("b", {Secret(bytes_of("t2")), std::chrono::seconds(5)});  // it might not arrive in time
    EXPECT_EQ(cache.header("a"), "Authorization: Bearer t1");
    EXPECT_EQ(cache.header("b"), "");
    cache.forget("a");
    EXPECT_EQ(cache.header("a"), "");
}

TEST(Failure, QuotesTheRegistry) {
    const auto quoted = [](std::string_view body) { return quoted_errors(as_bytes(body)); };
    EXPECT_EQ(quoted(R"({"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown","detail":{}}]})"),
              "MANIFEST_UNKNOWN: manifest unknown");
    EXPECT_EQ(quoted(R"({"errors":[{"code":"A"},{"message":"b"},{},{"code":"fourth"}]})"), "A, b, ");
    EXPECT_EQ(quoted("{\"errors\":[{\"code\":\"A\\u001b[31m\\n\"}]}"), "A?[31m?");
    EXPECT_LT(quoted(R"({"errors":[{"code":")" + std::string(10'000, 'x') + "\"}]}").size(), 300U);
    for (const auto* body : {"", "<html>", "[]", "{}", R"({"errors":{}})", R"({"errors":[1]})"})
        EXPECT_EQ(quoted(body), "");
}

}  // namespace
}  // namespace hallmark::registry
