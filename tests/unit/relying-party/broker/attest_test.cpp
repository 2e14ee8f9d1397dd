// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "common/base64.hpp"
#include "relying-party/broker/init_data.hpp"
#include "tests/unit/relying-party/broker/handshake.hpp"

namespace hallmark::broker::test {
namespace {

class Attest : public Handshake {};

TEST_F(Attest, EarnsATokenAndTheCookieAgain) {
    const auto session = auth();
    EXPECT_EQ(from_base64(session.nonce).value().size(), 32U);
    EXPECT_TRUE(session.cookie.starts_with("kbs-session-id="));
    EXPECT_EQ(session.cookie.size(), std::string("kbs-session-id=").size() + 32);
    const auto response = attest(session);
    EXPECT_EQ(response.status, 200U) << response.body;
    EXPECT_TRUE(response.set_cookie.starts_with(session.cookie + ";")) << response.set_cookie;
    EXPECT_TRUE(token_of(response).starts_with("token "));
    EXPECT_EQ(party.events.at(0).verdict, "affirming");
}

TEST_F(Attest, OlderVersionsHaveBodiesOfTheirOwn) {
    for (const std::string version : {"0.3.0", "0.2.0"}) {
        const auto session = auth(version);
        const auto evidence = evidence_of(report_data_of(session.nonce, version));
        const auto key = std::string(kKey);
        const std::string composite = R"({"primary_evidence":)" + evidence + R"(,"additional_evidence":""})";
        const std::string body =
            R"({"tee-pubkey":)" + key + R"(,"tee-evidence":)" + (version == "0.3.0" ? composite : evidence) + "}";
        EXPECT_EQ(post("/kbs/v0/attest", body, session.cookie).status, 200U) << version;
        // The newest one's body is not theirs.
        const auto other = auth(version);
        expect_refused(attest(other), "AttestationError");
    }
    // Without the key "additional-evidence" in what is hashed, 0.2.0's evidence is none for 0.4.0.
    const auto session = auth();
    expect_refused(
        post("/kbs/v0/attest", attest_body(session.nonce, evidence_of(report_data_of(session.nonce, "0.2.0"))),
             session.cookie),
        "AttestationError");
}

TEST_F(Attest, AnyOtherVersionIsRefused) {
    for (const auto* version : {"0.4.1", "0.1.1", "0.1.0", "1.0.0", "0.4", "0.4.0 ", "=0.4.0", ""})
        expect_refused(post("/kbs/v0/auth", auth_body(version)), "AttestationError");
    EXPECT_NE(post("/kbs/v0/auth", auth_body("0.4.1")).body.find("expect =0.4.0 while the request is 0.4.1"),
              std::string::npos);
}

TEST_F(Attest, MalformedAuthIsRefused) {
    const char* bodies[] = {
        "",
        "x",
        "[]",
        "null",
        R"({"version":"0.4.0"})",
        R"({"tee":"snp"})",
        R"({"version":4,"tee":"snp","extra-params":""})",
        R"({"version":"0.4.0","tee":"snp","extra-params":"","more":1})",
        R"({"version":"0.4.0","version":"0.4.0","tee":"snp","extra-params":""})",
        R"({"version":"0.4.0","tee":["snp"],"extra-params":""})",
        R"({"version":"0.4.0","tee":"sample","extra-params":""})",
        R"({"version":"0.4.0","tee":"sgx","extra-params":""})",
        R"({"version":"0.4.0","tee":"snp","extra-params":{"supported-hash-algorithms":["sha512"]}})",
        R"({"version":"0.4.0","tee":"snp","extra-params":{"supported-hash-algorithms":"sha384"}})",
    };
    for (const auto* body : bodies) expect_refused(post("/kbs/v0/auth", body), "AttestationError");
    const std::string large = R"({"version":"0.4.0","tee":"snp","extra-params":")" + std::string(20'000, 'x') + "\"}";
    expect_refused(post("/kbs/v0/auth", large), "AttestationError");
    EXPECT_EQ(broker.sessions().count(), 0U);
    const auto* upper = R"({"version":"0.4.0","tee":"tdx","extra-params":{"supported-hash-algorithms":["SHA384"]}})";
    EXPECT_EQ(post("/kbs/v0/auth", upper).status, 200U);
}

TEST_F(Attest, MalformedBodiesBurnTheNonceAndEarnNothing) {
    const auto good = [](const Session& session) { return evidence_of(report_data_of(session.nonce)); };
    const auto body = [&](const Session& session, const std::string& from, const std::string& to) {
        auto text = attest_body(session.nonce, good(session));
        const auto at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        return text.replace(at, from.size(), to);
    };
    const std::pair<const char*, const char*> edits[] = {
        {"{\"init-data\"", "[\"init-data\""},
        {"\"init-data\":null", "\"init-data\":{\"format\":\"json\",\"body\":\"\"}"},
        {"\"init-data\":null", "\"init-data\":\"\""},
        {"\"init-data\":null", "\"init\":null"},
        {"\"nonce\":", "\"nonces\":"},
        {"\"nonce\":", "\"extra\":1,\"nonce\":"},
        {"\"kty\":\"EC\"", "\"kty\":\"OKP\""},
        {"\"kty\":\"EC\"", "\"kty\":\"RSA\""},
        {"\"crv\":\"P-256\"", "\"crv\":\"P-384\""},
        {"\"crv\":\"P-256\"", "\"crv\":256"},
        {"\"x\":\"", "\"kid\":\"1\",\"x\":\""},
        {"\"x\":\"", "\"d\":\""},
        {"\"primary_evidence\":{", "\"primary_evidence\":[{"},
        {"\"primary_evidence\"", "\"evidence\""},
        {"\"additional_evidence\":\"\"", "\"additional_evidence\":{}"},
        {"\"additional_evidence\":\"\"", "\"additional_evidence\":\"{\\\"nvidia\\\":{}}\""},
        {"\"good\":true", "\"good\":1"},
        {"\"report_data\":\"", "\"report_data\":\"00"},
    };
    for (const auto& [from, to] : edits) {
        const auto session = auth();
        expect_refused(post("/kbs/v0/attest", body(session, from, to), session.cookie), "AttestationError");
        expect_refused(attest(session), "AttestationError");
        expect_refused(get("/kbs/v0/resource/open/a/b", session.cookie), "TokenNotFound");
    }
}

TEST_F(Attest, EvidenceOfAnotherSessionIsRefused) {
    const auto mine = auth();
    const auto theirs = auth();
    // With the other session's nonce everywhere but in the cookie.
    expect_refused(
        post("/kbs/v0/attest", attest_body(theirs.nonce, evidence_of(report_data_of(theirs.nonce))), mine.cookie),
        "AttestationError");
    EXPECT_EQ(party.verifications, 0);
    // With the right nonce beside old evidence.
    const auto next = auth();
    expect_refused(
        post("/kbs/v0/attest", attest_body(next.nonce, evidence_of(report_data_of(theirs.nonce))), next.cookie),
        "AttestationError");
    // For another key than the one that was bound.
    const auto last = auth();
    const std::string other =  // of RFC 7515, appendix A.3
        R"({"alg":"ECDH-ES+A256KW","crv":"P-256","kty":"EC","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
        R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
    expect_refused(
        post("/kbs/v0/attest", attest_body(last.nonce, evidence_of(report_data_of(last.nonce)), other), last.cookie),
        "AttestationError");
}

TEST_F(Attest, ASecondAttestGetsTheOldToken) {
    const auto session = auth();
    const auto first = attest(session);
    const auto second = post("/kbs/v0/attest", "not even JSON", session.cookie);
    EXPECT_EQ(second.status, 200U);
    EXPECT_EQ(token_of(second), token_of(first));
    EXPECT_EQ(party.verifications, 1);
}

TEST_F(Attest, ASessionEndsFiveMinutesAfterAuth) {
    const auto session = auth();
    const auto attested = auth();
    ASSERT_EQ(attest(attested).status, 200U);
    keep("open/a/b", "SECRET");
    party.now += std::chrono::seconds(299);
    EXPECT_EQ(get("/kbs/v0/resource/open/a/b", attested.cookie).status, 200U);
    party.now += std::chrono::seconds(1);
    expect_refused(attest(session), "AttestationError");
    expect_refused(get("/kbs/v0/resource/open/a/b", attested.cookie), "TokenNotFound");
}

TEST_F(Attest, ACookieThatIsNotOursIsNone) {
    const auto session = auth();
    const auto body = attest_body(session.nonce, evidence_of(report_data_of(session.nonce)));
    for (const std::string& cookie :
         {std::string(), std::string("kbs-session-id="), std::string("kbs-session-id=00"), session.cookie + "0",
          "x" + session.cookie, session.cookie + "; kbs-session-id=00112233445566778899aabbccddeeff",
          std::string("kbs-session-id=zz112233445566778899aabbccddeeff")})
        expect_refused(post("/kbs/v0/attest", body, cookie), "AttestationError");
    EXPECT_EQ(post("/kbs/v0/attest", body, "a=b; " + session.cookie + " ; c=d").status, 200U);
}

TEST_F(Attest, InitDataMustBeWhatTheGuestWasLaunchedWith) {
    const std::string text =
        "version = \"0.1.0\"\nalgorithm = \"sha256\"\n\n[data]\n\"a\" = \"b\"\n"
        "\"aa.toml\" = \"[token_configs.kbs]\\nurl = \\\"https://kbs\\\"\"\n";
    Json init_data;
    init_data["format"] = "toml";
    init_data["body"] = text;
    const auto with_init_data = [&] {
        const auto session = auth();
        const auto evidence = evidence_of(report_data_of(session.nonce));
        return post("/kbs/v0/attest", attest_body(session.nonce, evidence, kKey, init_data.dump()), session.cookie);
    };
    expect_refused(with_init_data(), "AttestationError");
    const auto digest = sha256(as_bytes(std::string_view(text)));
    party.init_data = Bytes(digest.begin(), digest.end());
    const auto response = with_init_data();
    EXPECT_EQ(response.status, 200U) << response.body;
    EXPECT_NE(
        token_of(response).find(R"("init_data":{"a":"b","aa.toml":{"token_configs":{"kbs":{"url":"https://kbs"}}}})"),
        std::string::npos)
        << token_of(response);
}

/// What stands in the token for a member "p" of init-data.
std::string claim_of(const std::string& text) {
    const std::string document = "version = \"0.1.0\"\nalgorithm = \"sha256\"\n\n[data]\n\"p\" = \"" + text + "\"\n";
    const auto digest = sha256(as_bytes(std::string_view(document)));
    verifier::Verified verified;
    verified.init_data = Bytes(digest.begin(), digest.end());
    const auto claims = bound_init_data(verified, document);
    return claims ? claims->value("p", "") : claims.error().message;
}

TEST(InitDataClaims, NoOtherTextPassesForOneThatIsToldByItsDigest) {
    const std::string text(5000, 'x');
    const std::string claim = "sha384:" + to_hex(sha384(as_bytes(std::string_view(text))));
    EXPECT_EQ(claim_of(text), claim);
    EXPECT_EQ(claim_of(claim), "sha384:" + to_hex(sha384(as_bytes(std::string_view(claim)))));
    EXPECT_EQ(claim_of("SHA384:"), "SHA384:");
}

TEST_F(Attest, ThatFailedInACrowdMayBeTriedAgain) {
    party.is_crowded = true;
    const auto session = auth();
    EXPECT_EQ(attest(session).status, 200U);
    const auto other = auth();
    const auto body = attest_body(other.nonce, R"({"report_data":"00","good":true})");
    expect_refused(post("/kbs/v0/attest", body, other.cookie), "AttestationError", 503);
}

TEST_F(Attest, AVerdictThatDoesNotAffirmIsATokenToo) {
    const auto session = auth();
    const auto response = attest(session, /* good= */ false);
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(party.events.at(0).verdict, "contraindicated");
    EXPECT_FALSE(party.events.at(0).granted);
    EXPECT_NE(party.events.at(0).why.find("executables: good is false, allowed true"), std::string::npos);
    keep("open/a/b", "SECRET");
    expect_refused(get("/kbs/v0/resource/open/a/b", session.cookie), "PolicyDeny");
}

TEST_F(Attest, NoncesAndIdentifiersDoNotRepeat) {
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        const auto session = auth();
        EXPECT_TRUE(seen.insert(session.nonce).second);
        EXPECT_TRUE(seen.insert(session.cookie).second);
    }
}

}  // namespace
}  // namespace hallmark::broker::test
