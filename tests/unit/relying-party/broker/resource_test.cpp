// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/relying-party/broker/handshake.hpp"

namespace hallmark::broker::test {
namespace {

class Resource : public Handshake {
protected:
    void SetUp() override {
        keep("open/a/b", "SECRET");
        keep("shut/a/b", "SECRET");
    }
    void TearDown() override {
        for (const auto& event : party.events) {
            const auto text = event.who + event.what + event.why + event.verdict;
            EXPECT_EQ(text.find("SECRET"), std::string::npos);
            EXPECT_EQ(text.find("token {"), std::string::npos) << text;
        }
    }
    static void expect_released(const Response& response) {
        EXPECT_EQ(response.status, 200U) << response.body;
        const auto body = parse_json(response.body, "jwe").value_or(Json::object());
        EXPECT_EQ(body.value("wrapped", ""), to_hex(as_bytes(std::string_view("SECRET"))));
        EXPECT_EQ(body.value("for", Json()), jose::Jwk::parse(parse_json(kKey, "key").value(), "key").value().json());
    }
};

TEST_F(Resource, IsReleasedForACookieOrABearerToken) {
    const auto session = auth();
    const auto token = token_of(attest(session));
    expect_released(get("/kbs/v0/resource/open/a/b", session.cookie));
    expect_released(get("/kbs/v0/resource/open/a/b", "", "Bearer " + token));
    expect_released(get("/kbs/v0/resource/open/a/b", "", "bearer  " + token));
    // A cookie that has gone stale does not spoil a token that has not.
    expect_released(get("/kbs/v0/resource/open/a/b", auth().cookie, "Bearer " + token));
    EXPECT_EQ(party.events.back().what, "open/a/b");
    EXPECT_TRUE(party.events.back().granted);
}

TEST_F(Resource, IsRefusedWithTheReasonThatAClientCanActUpon) {
    const auto session = auth();
    expect_refused(get("/kbs/v0/resource/open/a/b", session.cookie), "TokenNotFound");
    const auto token = token_of(attest(session));
    expect_refused(get("/kbs/v0/resource/shut/a/b", session.cookie), "PolicyDeny");
    // Whether there is one is only told to whom the policy lets read it.
    expect_refused(get("/kbs/v0/resource/shut/a/none", session.cookie), "PolicyDeny");
    expect_refused(get("/kbs/v0/resource/open/a/none", session.cookie), "PluginInternalError");
    expect_refused(get("/kbs/v0/resource/open/a/b"), "TokenNotFound");
    expect_refused(get("/kbs/v0/resource/open/a/b", "", "Basic " + token), "TokenNotFound");
    expect_refused(get("/kbs/v0/resource/open/a/b", "", "Bearer "), "TokenNotFound");
    expect_refused(get("/kbs/v0/resource/open/a/b", "", "Bearer x" + token), "TokenVerifierError");
    expect_refused(get("/kbs/v0/resource/open/a/b", "", "Bearer token {\"affirming\":true}"), "TokenVerifierError");
    EXPECT_FALSE(party.events.back().granted);
    EXPECT_EQ(party.events.back().why, "TokenVerifierError: token: no key");
}

TEST_F(Resource, PathsThatAreNoneAreNotThere) {
    const auto session = auth();
    ASSERT_EQ(attest(session).status, 200U);
    for (const auto* path :
         {"/kbs/v0/resource", "/kbs/v0/resource/", "/kbs/v0/resource/open/a", "/kbs/v0/resource/open/a/b/",
          "/kbs/v0/resource/open/a/b/c", "/kbs/v0/resource/../open/a/b", "/kbs/v0/resource/shut/../open",
          "/kbs/v0/resource/open/a/..", "/kbs/v0/resource/open//b", "/kbs/v0/resource/open/a/%62",
          "/kbs/v0/resource/open/a/b?x=1", "/kbs/v0//resource/open/a/b", "/kbs/v1/resource/open/a/b", "/", "", "*",
          "http://host/kbs/v0/resource/open/a/b", "/kbs/v0/resource/open/a/.b"}) {
        const auto response = get(path, session.cookie);
        EXPECT_EQ(response.status, 404U) << path;
        EXPECT_EQ(response.body.find("wrapped"), std::string::npos) << path;
    }
    expect_refused(get("/kbs/v0/resource/../open/a/b", session.cookie), "InvalidRequestPath", 404);
}

TEST_F(Resource, UnknownPluginsAreNotThere) {
    for (const auto* path : {"/kbs/v0/pkcs11/a/b/c", "/kbs/v0/nebula-ca/x", "/kbs/v0/auth", "/kbs/v0/attest",
                             "/kbs/v0/", "/kbs/v0/resources/open/a/b"})
        expect_refused(get(path), "PluginNotFound", 404);
    expect_refused(post("/kbs/v0/auth/more", auth_body("0.4.0")), "PluginNotFound", 404);
    expect_refused(broker.handle({"PUT", "/kbs/v0/resource/open/a/b", "", "Bearer admin", "x", "192.0.2.1"}),
                   "InvalidRequestPath", 404);
}

TEST_F(Resource, NothingIsReleasedThatCanNotBeWrittenDown) {
    const auto session = auth();
    ASSERT_EQ(attest(session).status, 200U);
    party.log_is_full = true;
    expect_refused(get("/kbs/v0/resource/open/a/b", session.cookie), "PluginInternalError");
    const auto other = auth();
    expect_refused(attest(other), "AttestationError");
}

TEST_F(Resource, PublicPagesNeedNoToken) {
    EXPECT_EQ(get("/healthz").status, 200U);
    EXPECT_EQ(get("/.well-known/jwks.json").body, R"({"keys":[]})");
}

}  // namespace
}  // namespace hallmark::broker::test
