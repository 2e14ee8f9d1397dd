// SPDX-License-Identifier: Apache-2.0
#include "agent/data-hub/broker_source.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "common/jose/jwe.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/loopback_server.hpp"

namespace hallmark::hub {
namespace {

using test::expect_error;
using test::LoopbackServer;

const std::shared_ptr<const jose::KeyPair>& key() {
    static const auto kKey =
        std::make_shared<const jose::KeyPair>(jose::KeyPair::generate(jose::KeyKind::kP256).value());
    return kKey;
}

/// "a.b.1", "a.b.2", …: another one each time that the last was discarded.
class FakeTokens final : public TokenSource {
public:
    explicit FakeTokens(int& made) : made_(made) {}
    Result<KbsToken> token(Deadline /*deadline*/) override { return KbsToken{"a.b." + std::to_string(made_), key()}; }
    void discard(const std::string& token) override { made_ += token == "a.b." + std::to_string(made_) ? 1 : 0; }

private:
    int& made_;
};

class BrokerSourceTest : public ::testing::Test {
protected:
    Result<Secret> ask(std::vector<std::string> answers, const std::string& uri = "kbs:///default/key/one") {
        LoopbackServer server(std::move(answers));
        BrokerSource source({.url = server.url() + "/", .certificate = {}, .insecure_http = true},
                            std::make_unique<FakeTokens>(made_));
        auto secret = source.get(kbs::ResourceUri::parse(uri).value(), in(std::chrono::seconds(5)));
        requests_ = server.requests();
        return secret;
    }
    static std::string refusal(int status, std::string_view type) {
        return LoopbackServer::answer(status, R"({"type":"https://github.com/confidential-containers/kbs/errors/)" +
                                                  std::string(type) + R"(","detail":"because"})");
    }
    static std::string secret() {
        return LoopbackServer::answer(200, jose::encrypt(as_bytes("the secret"), key()->public_key()).value().dump());
    }

    int made_ = 1;
    std::vector<std::string> requests_;
};

TEST_F(BrokerSourceTest, AsksWithTheAgentsToken) {
    const auto got = ask({secret()});
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_TRUE(equal(got->bytes(), as_bytes("the secret")));
    ASSERT_EQ(requests_.size(), 1U);
    EXPECT_TRUE(requests_[0].starts_with("GET /kbs/v0/resource/default/key/one HTTP/1.1\r\n")) << requests_[0];
    EXPECT_NE(requests_[0].find("\r\nAuthorization: Bearer a.b.1\r\n"), std::string::npos) << requests_[0];
}

TEST_F(BrokerSourceTest, OtherPluginsHaveOtherPaths) {
    ASSERT_TRUE(ask({secret()}, "kbs+nebula-ca://host:1/credential?ip=1&name=x"));
    EXPECT_TRUE(requests_[0].starts_with("GET /kbs/v0/nebula-ca/credential?ip=1&name=x HTTP/1.1\r\n")) << requests_[0];
}

TEST_F(BrokerSourceTest, AttestsAnewWhereTheTokenIsNotTaken) {
    for (const auto* type : {"TokenNotFound", "TokenVerifierError"}) {
        made_ = 1;
        ASSERT_TRUE(ask({refusal(401, type), refusal(401, type), secret()})) << type;
        EXPECT_NE(requests_[1].find("a.b.2"), std::string::npos);
        EXPECT_NE(requests_[2].find("a.b.3"), std::string::npos);
    }
    made_ = 1;
    expect_error(ask({refusal(401, "TokenNotFound"), refusal(401, "TokenNotFound"), refusal(401, "TokenNotFound")}),
                 {"TokenNotFound: because", "3 tokens"}, Fault::kNo);
    EXPECT_EQ(requests_.size(), 3U);
}

TEST_F(BrokerSourceTest, EveryOtherRefusalIsFinal) {
    for (const auto* type : {"PolicyDeny", "PluginInternalError", "AttestationError"}) {
        expect_error(ask({refusal(401, type)}), {"kbs:///default/key/one", type, "because"}, Fault::kNo);
        EXPECT_EQ(requests_.size(), 1U);
    }
    expect_error(ask({refusal(404, "PluginNotFound")}), {"PluginNotFound"}, Fault::kNo);
    EXPECT_EQ(made_, 1) << "no token was discarded";
}

TEST_F(BrokerSourceTest, WhatIsNoAnswerIsAnError) {
    expect_error(ask({LoopbackServer::answer(503, "busy")}), {"status 503", "busy"});
    expect_error(ask({LoopbackServer::answer(200, "{}")}), {"protected"});
    expect_error(ask({}), {"http://127.0.0.1"});
    const auto other = jose::KeyPair::generate(jose::KeyKind::kP256).value();
    const auto stolen = jose::encrypt(as_bytes("x"), other.public_key()).value().dump();
    expect_error(ask({LoopbackServer::answer(200, stolen)}), {"not encrypted to this key"}, Fault::kNo);
}

TEST(KbsToken, IsReadFromTheAgentsAnswer) {
    const auto pem = key()->to_pem().value();
    const Json answer = {{"token", "eyJ.e30.c2ln"},
                         {"tee_keypair", std::string(pem.bytes().begin(), pem.bytes().end())}};
    const auto token = parse_kbs_token(as_bytes(answer.dump()));
    ASSERT_TRUE(token) << token.error().message;
    EXPECT_EQ(token->token, "eyJ.e30.c2ln");
    EXPECT_EQ(token->key->public_key().json(), key()->public_key().json());
    Json wrong = answer;
    wrong["token"] = "a.b.c\r\nX: 1";
    expect_error(parse_kbs_token(as_bytes(wrong.dump())), {"token", "no signed token"});
    wrong["token"] = "a.b.c";
    wrong["tee_keypair"] = "none";
    expect_error(parse_kbs_token(as_bytes(wrong.dump())), {"tee_keypair"});
    wrong.erase("tee_keypair");
    expect_error(parse_kbs_token(as_bytes(wrong.dump())), {"tee_keypair", "PEM"});
    expect_error(parse_kbs_token(as_bytes("")), {"attestation agent", "JSON"});
}

}  // namespace
}  // namespace hallmark::hub
