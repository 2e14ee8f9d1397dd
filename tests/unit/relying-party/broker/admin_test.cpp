// SPDX-License-Identifier: Apache-2.0
#include "relying-party/broker/admin.hpp"

#include <gtest/gtest.h>

#include <string>

#include "common/base64.hpp"
#include "tests/unit/relying-party/broker/handshake.hpp"

namespace hallmark::broker::test {
namespace {

constexpr std::string_view kAdmin = "Bearer admin";

class Admin : public Handshake {
protected:
    Response send(std::string_view method, std::string_view target, std::string_view body = "",
                  std::string_view authorization = kAdmin) {
        return broker.handle({method, target, "", authorization, body, "192.0.2.1"});
    }
    static std::string encoded(std::string_view text) { return to_base64url(as_bytes(text)); }
};

TEST_F(Admin, EveryRequestNeedsAToken) {
    struct Case {
        const char* method;
        const char* target;
    };
    const auto session = auth();
    const auto token = token_of(attest(session));
    for (const auto& [method, target] :
         {Case{"POST", "/kbs/v0/resource/open/a/b"}, Case{"DELETE", "/kbs/v0/resource/open/a/b"},
          Case{"POST", "/kbs/v0/resource-policy"}, Case{"GET", "/kbs/v0/resource-policy"},
          Case{"POST", "/kbs/v0/attestation-policy"}, Case{"GET", "/kbs/v0/attestation-policy"},
          Case{"POST", "/kbs/v0/reference-value"}, Case{"GET", "/kbs/v0/reference-value/snp/launch"},
          Case{"GET", "/kbs/v0/reference-value"}, Case{"DELETE", "/kbs/v0/reference-value/snp/launch"},
          Case{"DELETE", "/kbs/v0/reference-value-set/manifest%2000"}})
        for (const auto& authorization : {std::string(), std::string("Bearer forged"), "Bearer " + token}) {
            expect_refused(send(method, target, "{}", authorization), "AdminAuthAccess");
            EXPECT_FALSE(party.events.back().granted);
        }
    EXPECT_TRUE(party.store.list().value().empty());
    EXPECT_EQ(party.release_policy, "release = 1");
}

TEST_F(Admin, StoresAndDeletesResources) {
    const std::string secret("\0SECRET\xff", 8);
    EXPECT_EQ(send("POST", "/kbs/v0/resource/open/a/b", secret).status, 200U);
    const auto path = keys::ResourcePath::parse("open/a/b").value();
    EXPECT_TRUE(equal(party.store.read(path).value().bytes(), as_bytes(std::string_view(secret))));
    EXPECT_EQ(party.events.back().who, "administrator tester");
    EXPECT_EQ(party.events.back().peer, "192.0.2.1");
    EXPECT_EQ(party.events.back().what, "POST resource/open/a/b");
    EXPECT_EQ(send("DELETE", "/kbs/v0/resource/open/a/b").status, 200U);
    EXPECT_FALSE(party.store.read(path));
    expect_refused(send("DELETE", "/kbs/v0/resource/open/a/b"), "PluginInternalError");
    expect_refused(send("POST", "/kbs/v0/resource/../a/b", "x"), "InvalidRequestPath", 404);
    expect_refused(send("POST", "/kbs/v0/resource/open/a/b", std::string((1U << 20) + 1, 'x')), "PluginInternalError");
}

TEST_F(Admin, NothingIsChangedThatCanNotBeWrittenDown) {
    party.log_is_full = true;
    expect_refused(send("POST", "/kbs/v0/resource/open/a/b", "x"), "AdminAuthAccess");
    EXPECT_TRUE(party.store.list().value().empty());
}

TEST_F(Admin, PoliciesAreToml) {
    EXPECT_EQ(send("GET", "/kbs/v0/resource-policy").body, "release = 1");
    EXPECT_EQ(send("POST", "/kbs/v0/resource-policy", R"({"policy":")" + encoded("release = 2") + "\"}").status, 200U);
    EXPECT_EQ(party.release_policy, "release = 2");
    const auto body = [](std::string_view type, std::string_view id, const std::string& policy) {
        return R"({"type":")" + std::string(type) + R"(","policy_id":")" + std::string(id) + R"(","policy":")" +
               policy + "\"}";
    };
    EXPECT_EQ(send("POST", "/kbs/v0/attestation-policy", body("toml", "default_cpu", encoded("a = 2"))).status, 200U);
    EXPECT_EQ(send("GET", "/kbs/v0/attestation-policy/default_cpu").body, "a = 2");
    for (const auto& wrong :
         {body("rego", "default_cpu", encoded("package policy")), body("toml", "default_gpu", encoded("a = 3")),
          body("toml", "default", "a=="), body("toml", "default", ""), std::string("{}"), std::string("[]")})
        expect_refused(send("POST", "/kbs/v0/attestation-policy", wrong), "ParsePolicyError");
    EXPECT_NE(send("POST", "/kbs/v0/attestation-policy", body("rego", "default_cpu", "")).body.find("TOML"),
              std::string::npos);
    expect_refused(send("GET", "/kbs/v0/attestation-policy/other"), "InvalidRequestPath", 404);
    expect_refused(send("POST", "/kbs/v0/resource-policy/x", "{}"), "InvalidRequestPath", 404);
    EXPECT_EQ(party.appraisal_policy, "a = 2");
}

TEST_F(Admin, ReferenceValuesGoBothWays) {
    EXPECT_EQ(send("POST", "/kbs/v0/reference-value", R"({"version":"0.1.0"})").status, 200U);
    EXPECT_EQ(party.registered, R"({"version":"0.1.0"})");
    expect_refused(send("POST", "/kbs/v0/reference-value", "x"), "RvpsError");
    EXPECT_EQ(send("GET", "/kbs/v0/reference-value/snp/launch").body, "[1]");
    EXPECT_EQ(send("GET", "/kbs/v0/reference-value/snp%2Flaunch").body, "[1]");
    EXPECT_EQ(send("GET", "/kbs/v0/reference-value/unknown").body, "null");
    EXPECT_EQ(send("GET", "/kbs/v0/reference-value").body, "[2]");
    expect_refused(send("DELETE", "/kbs/v0/reference-value"), "InvalidRequestPath", 404);
    expect_refused(send("GET", "/kbs/v0/reference-value/%4"), "InvalidRequestPath", 404);
    expect_refused(send("POST", "/kbs/v0/reference-value/snp/launch", "{}"), "InvalidRequestPath", 404);
    EXPECT_EQ(send("DELETE", "/kbs/v0/reference-value/snp/launch").status, 200U);
    EXPECT_EQ(send("DELETE", "/kbs/v0/reference-value-set/manifest%2000").status, 200U);
    expect_refused(send("DELETE", "/kbs/v0/reference-value-set/manifest%2001"), "RvpsError");
    expect_refused(send("DELETE", "/kbs/v0/reference-value-set/"), "InvalidRequestPath", 404);
    expect_refused(send("GET", "/kbs/v0/reference-value-set/manifest%2000"), "PluginNotFound", 404);
    expect_refused(send("DELETE", "/kbs/v0/reference-value/unknown"), "RvpsError");
}

}  // namespace
}  // namespace hallmark::broker::test
