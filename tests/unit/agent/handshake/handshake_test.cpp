// SPDX-License-Identifier: Apache-2.0
#include "agent/handshake/handshake.hpp"

#include <gtest/gtest.h>

#include <ctime>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agent/evidence/sample.hpp"
#include "common/base64.hpp"
#include "tests/support/loopback_server.hpp"

namespace hallmark::handshake {
namespace {

using hallmark::test::LoopbackServer;
using Evidence = Result<std::unique_ptr<guest::EvidenceSource>>;

std::string session() {
    return LoopbackServer::answer(200, R"({"nonce":"AAAA","extra-params":""})",
                                  "Set-Cookie: kbs-session-id=0a1b; Path=/kbs/v0\r\n");
}
std::string token(const std::string& claims) {
    const std::string text = "e30." + to_base64url(as_bytes(std::string_view(claims))) + ".AA";
    return LoopbackServer::answer(200, R"({"token":")" + text + "\"}");
}
std::string verdict(const std::string& status) {
    const std::string now = std::to_string(std::time(nullptr));
    return token(R"({"iat":)" + now + R"(,"exp":)" + now + R"(,"submods":{"cpu0":{"ear.status":")" + status +
                 R"(","ear.trustworthiness-vector":{"executables":33}}}})");
}
std::string error(int status, const std::string& type) {
    return LoopbackServer::answer(status, R"({"type":"https://github.com/confidential-containers/kbs/errors/)" + type +
                                              R"(","detail":"because\u001b[31m of that"})");
}

Evidence sample() { return std::unique_ptr<guest::EvidenceSource>(std::make_unique<guest::SampleEvidence>()); }

Account run(std::vector<std::string> answers, const std::string& resource = "") {
    LoopbackServer server(std::move(answers));
    Plan plan{.access = {.url = server.url(), .certificate = {}, .insecure_http = true}, .resource = resource};
    return shake_hands(plan, sample());
}

TEST(Handshake, IsGrantedWithAnAffirmingVerdict) {
    const auto account = run({session(), verdict("affirming")});
    EXPECT_EQ(account.outcome, Outcome::kGranted) << text_of(account);
    ASSERT_EQ(account.steps.size(), 4U);
    const std::vector<std::string> names = {"tee", "auth", "evidence", "attest"};
    for (std::size_t i = 0; i < names.size(); ++i) EXPECT_EQ(account.steps[i].name, names[i]);
    const auto& exchange = account.steps[3].exchange;
    ASSERT_TRUE(exchange);
    EXPECT_EQ(exchange->status, 200);
    EXPECT_GT(exchange->sent, 100U);
    EXPECT_EQ(exchange->url, account.broker + "/kbs/v0/attest");
    const auto text = text_of(account);
    EXPECT_NE(text.find("executables 33"), std::string::npos) << text;
    EXPECT_EQ(text.find("why not"), std::string::npos) << text;
    EXPECT_TRUE(text.ends_with("\ngranted\n")) << text;
}

TEST(Handshake, IsRefusedByTheVerdictWhereNoResourceIsAskedFor) {
    for (const auto* status : {"warning", "contraindicated", "none"}) {
        const auto account = run({session(), verdict(status)});
        EXPECT_EQ(account.outcome, Outcome::kRefused);
        EXPECT_NE(account.steps.back().why.find(status), std::string::npos);
        EXPECT_NE(account.steps.back().remedy, "");
    }
    EXPECT_EQ(run({session(), token("{}")}).outcome, Outcome::kGranted) << "a token that has no verdict";
}

TEST(Handshake, TellsTheBrokersReasonAndWhatHelps) {
    const auto account = run({session(), verdict("none"), error(401, "PolicyDeny")}, "a/b/c");
    EXPECT_EQ(account.outcome, Outcome::kRefused);
    const auto& step = account.steps.back();
    EXPECT_EQ(step.name, "resource");
    EXPECT_EQ(step.why, "PolicyDeny: because [31m of that");
    EXPECT_NE(step.remedy.find("release-policy"), std::string::npos) << step.remedy;
    const auto json = json_of(account);
    EXPECT_EQ(json["outcome"], "refused");
    EXPECT_EQ(json["steps"][4]["exchange"]["error_type"], "PolicyDeny");
    EXPECT_EQ(json["steps"][4]["exchange"]["status"], 401);

    const auto version = run({error(401, "AttestationError")});
    EXPECT_NE(version.steps.back().remedy.find("hallmark.kbs_protocol"), std::string::npos);
}

TEST(Handshake, FailsWhereNobodyAnswersOrAnotherDoes) {
    const auto other = run({LoopbackServer::answer(200, "<html>")});
    EXPECT_EQ(other.outcome, Outcome::kFailed);
    EXPECT_EQ(other.steps.back().name, "auth");
    const auto fault = run({session(), LoopbackServer::answer(502, "bad gateway")});
    EXPECT_EQ(fault.outcome, Outcome::kFailed);
    EXPECT_NE(fault.steps.back().remedy.find("proxy"), std::string::npos);
    const auto busy = run({LoopbackServer::answer(429, "")});
    EXPECT_NE(busy.steps.back().remedy.find("busy"), std::string::npos);
    const auto down =
        shake_hands({.access = {.url = "http://127.0.0.1:1", .certificate = {}, .insecure_http = true}}, sample());
    EXPECT_EQ(down.outcome, Outcome::kFailed);
    EXPECT_NE(down.steps.back().remedy.find("runs at this address"), std::string::npos) << text_of(down);
}

TEST(Handshake, BeginsWithTheTee) {
    const auto account = shake_hands({}, Evidence(refused("no TEE")));
    EXPECT_EQ(account.outcome, Outcome::kFailed);
    ASSERT_EQ(account.steps.size(), 1U);
    EXPECT_EQ(account.steps[0].why, "no TEE");
}

}  // namespace
}  // namespace hallmark::handshake
