// SPDX-License-Identifier: Apache-2.0
#include "common/kbs/guest_client.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "common/hex.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/loopback_server.hpp"
#include "tests/unit/common/kbs/known_guest.hpp"

namespace hallmark::kbs {
namespace {

using hallmark::test::expect_error;
using hallmark::test::LoopbackServer;
using namespace test;

constexpr std::string_view kEvidence = R"({"quote":"AAAA","cc_eventlog":null})";

GuestClient client_of(const LoopbackServer& server) {
    return GuestClient::open({.url = server.url() + "/", .certificate = {}, .insecure_http = true}, "tdx", known_key())
        .value();
}

std::string ok(std::string_view body, const std::string& headers = "") {
    return LoopbackServer::answer(200, std::string(body), headers);
}
std::string session() { return ok(challenge_body(kNonce), "Set-Cookie: kbs-session-id=0a1b; Path=/kbs/v0\r\n"); }
std::string token() { return ok(R"({"token":")" + std::string(kToken) + "\"}"); }
std::string error(int status, std::string_view type) {
    return LoopbackServer::answer(status, R"({"type":"https://github.com/confidential-containers/kbs/errors/)" +
                                              std::string(type) + R"(","detail":"because"})");
}
Json evidence() { return parse_json(kEvidence, "evidence").value(); }

/// All three steps; the first that fails is the result.
Result<Secret> run(GuestClient& client) {
    HALLMARK_TRY(const auto data, client.challenge());
    EXPECT_EQ(to_hex(data), std::string(kDigest) + std::string(32, '0'));
    HALLMARK_CHECK(client.attest(evidence()));
    return client.resource("default/key/one");
}
Result<Secret> run_with(std::vector<std::string> answers) {
    LoopbackServer server(std::move(answers));
    GuestClient client = client_of(server);
    return run(client);
}

TEST(KbsGuestClient, GetsItsSecret) {
    LoopbackServer server({session(), token(), ok(kJwe)});
    GuestClient client = client_of(server);
    const auto secret = run(client);
    ASSERT_TRUE(secret) << secret.error().message;
    EXPECT_TRUE(equal(secret->bytes(), as_bytes(kSecret)));
    EXPECT_EQ(client.token(), kToken);
    const auto sent = server.requests();
    ASSERT_EQ(sent.size(), 3U);
    EXPECT_TRUE(sent[0].starts_with("POST /kbs/v0/auth HTTP/1.1\r\n")) << sent[0];
    EXPECT_EQ(sent[0].find("Cookie:"), std::string::npos);
    EXPECT_TRUE(sent[1].starts_with("POST /kbs/v0/attest HTTP/1.1\r\n")) << sent[1];
    EXPECT_NE(sent[1].find("Cookie: kbs-session-id=0a1b\r\n"), std::string::npos) << sent[1];
    EXPECT_NE(sent[1].find("Content-Type: application/json\r\n"), std::string::npos) << sent[1];
    EXPECT_TRUE(sent[2].starts_with("GET /kbs/v0/resource/default/key/one HTTP/1.1\r\n")) << sent[2];
    EXPECT_NE(sent[2].find("Cookie: kbs-session-id=0a1b\r\n"), std::string::npos) << sent[2];
}

TEST(KbsGuestClient, GoesOnWithTheCookieOfAttest) {
    LoopbackServer server({session(),
                           ok(R"({"token":")" + std::string(kToken) + "\"}",
                              "Set-Cookie: lb=1\r\nSet-Cookie: kbs-session-id=new\r\nSet-Cookie: z=2\r\n"),
                           ok(kJwe)});
    GuestClient client = client_of(server);
    ASSERT_TRUE(run(client));
    const auto sent = server.requests();
    EXPECT_NE(sent[2].find("Cookie: kbs-session-id=new\r\n"), std::string::npos) << sent[2];
    EXPECT_EQ(sent[2].find("lb="), std::string::npos);
}

TEST(KbsGuestClient, TellsWhyItIsRefused) {
    expect_error(run_with({error(401, "AttestationError")}), {"AttestationError: because"}, Fault::kNo);
    expect_error(run_with({session(), error(401, "AttestationError")}), {"AttestationError: because"}, Fault::kNo);
    expect_error(run_with({session(), token(), error(401, "PolicyDeny")}), {"PolicyDeny: because"}, Fault::kNo);
    expect_error(run_with({session(), token(), error(404, "PluginNotFound")}), {"PluginNotFound: because"}, Fault::kNo);
}

TEST(KbsGuestClient, TellsOfItsLastRequest) {
    LoopbackServer server({session(), error(401, "AttestationError"), LoopbackServer::answer(503, "later")});
    GuestClient client = client_of(server);
    EXPECT_EQ(client.last().method, "");
    ASSERT_TRUE(client.challenge());
    EXPECT_EQ(client.last().url, server.url() + "/kbs/v0/auth");
    EXPECT_EQ(client.last().status, 200);
    EXPECT_EQ(client.last().received, challenge_body(kNonce).size());
    EXPECT_FALSE(client.attest(evidence()));
    EXPECT_EQ(client.last().status, 401);
    EXPECT_EQ(client.last().refusal.type, "AttestationError");
    EXPECT_FALSE(client.last().may_pass);
    EXPECT_FALSE(client.challenge());
    EXPECT_TRUE(client.last().may_pass);
    EXPECT_EQ(client.last().refusal.detail, "later");
    EXPECT_EQ(client.last().cause, std::nullopt);
    auto nobody = GuestClient::open({.url = "http://127.0.0.1:1", .certificate = {}, .insecure_http = true}, "snp");
    EXPECT_FALSE(nobody->challenge());
    EXPECT_EQ(nobody->last().cause, http::Cause::kConnection);
    EXPECT_EQ(nobody->last().status, 0);
}

TEST(KbsGuestClient, TakesNothingElseForAnAnswer) {
    expect_error(run_with({LoopbackServer::answer(503, "later")}), {"status 503", "later"});
    expect_error(run_with({LoopbackServer::answer(302, "", "Location: https://192.0.2.1/\r\n")}), {"status 302"});
    expect_error(run_with({ok(challenge_body(kNonce))}), {"sets no cookie kbs-session-id"});
    expect_error(run_with({ok(challenge_body(std::string(2000, 'A')), "Set-Cookie: kbs-session-id=1\r\n")}), {"nonce"});
    expect_error(run_with({ok(std::string(20'000, ' '))}), {"more than 16384 bytes"});
    expect_error(run_with({session(), ok(R"({"token":7})")}), {"token"});
    expect_error(run_with({session(), ok(std::string(300'000, ' '))}), {"more than 262144 bytes"});
    // With another wrapped key, in clear, or empty.
    std::string jwe(kJwe);
    jwe[jwe.find("LH_kh")] = 'K';
    EXPECT_FALSE(run_with({session(), token(), ok(jwe)}));
    EXPECT_FALSE(run_with({session(), token(), ok(kSecret)}));
    EXPECT_FALSE(run_with({session(), token(), ok("")}));
}

TEST(KbsGuestClient, KeepsToTheOrder) {
    LoopbackServer server({session(), error(401, "AttestationError"), session(), token()});
    GuestClient client = client_of(server);
    expect_error(client.attest(evidence()), {"no challenge"});
    expect_error(client.resource("default/key/one"), {"no attested session"});
    ASSERT_TRUE(client.challenge());
    EXPECT_FALSE(client.attest(evidence()));
    expect_error(client.attest(evidence()), {"no challenge"});  // a nonce is good once
    ASSERT_TRUE(client.challenge());
    ASSERT_TRUE(client.attest(evidence()));
    expect_error(client.resource("default/../one"), {"REPOSITORY/TYPE/TAG"});
    EXPECT_EQ(server.requests().size(), 4U);
}

TEST(KbsGuestClient, AsksOverTlsUnlessToldOtherwise) {
    expect_error(GuestClient::open({.url = "http://127.0.0.1:1", .certificate = {}, .insecure_http = false}, "snp"),
                 {"--insecure-http"});
    EXPECT_TRUE(GuestClient::open({.url = "https://127.0.0.1:1", .certificate = {}, .insecure_http = false}, "snp"));
}

}  // namespace
}  // namespace hallmark::kbs
