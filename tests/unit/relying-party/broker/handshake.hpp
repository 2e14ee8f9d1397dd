// SPDX-License-Identifier: Apache-2.0
// Steps of the protocol, for tests of the handlers.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "common/digest.hpp"
#include "common/hex.hpp"
#include "common/json.hpp"
#include "relying-party/broker/broker.hpp"
#include "tests/support/fake_relying_party.hpp"

namespace hallmark::broker::test {

/// The point of RFC 7517, appendix A.1.
inline constexpr std::string_view kKey =
    R"({"alg":"ECDH-ES+A256KW","crv":"P-256","kty":"EC","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",)"
    R"("y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"})";

inline std::string auth_body(std::string_view version, std::string_view tee = "snp") {
    return R"({"version":")" + std::string(version) + R"(","tee":")" + std::string(tee) + R"(","extra-params":""})";
}

/// The canonical form written by hand, not by the code under test.
inline std::string report_data_of(std::string_view nonce, std::string_view version = "0.4.0",
                                  std::string_view key = kKey) {
    const std::string tail = R"("nonce":")" + std::string(nonce) + R"(","tee-pubkey":)" + std::string(key) + "}";
    const std::string canonical = (version == "0.2.0" ? "{" : R"({"additional-evidence":"",)") + tail;
    return to_hex(sha384(as_bytes(std::string_view(canonical)))) + std::string(32, '0');
}

inline std::string attest_body(std::string_view nonce, const std::string& evidence, std::string_view key = kKey,
                               std::string_view init_data = "null") {
    return R"({"init-data":)" + std::string(init_data) + R"(,"runtime-data":{"nonce":")" + std::string(nonce) +
           R"(","tee-pubkey":)" + std::string(key) + R"(},"tee-evidence":{"primary_evidence":)" + evidence +
           R"(,"additional_evidence":""}})";
}

inline std::string evidence_of(const std::string& report_data, bool good = true) {
    return R"({"report_data":")" + report_data + R"(","good":)" + (good ? "true" : "false") + "}";
}

/// The name at the end of an error's type.
inline std::string error_of(const Response& response) {
    const auto body = parse_json(response.body, "error");
    if (!body || !body->is_object() || !body->contains("type") || !body->contains("detail")) return response.body;
    const auto type = (*body)["type"].get<std::string>();
    constexpr std::string_view kPrefix = "https://github.com/confidential-containers/kbs/errors/";
    EXPECT_TRUE(type.starts_with(kPrefix)) << type;
    return type.substr(kPrefix.size());
}

inline void expect_refused(const Response& response, std::string_view variant, unsigned status = 401) {
    EXPECT_EQ(error_of(response), variant) << response.body;
    EXPECT_EQ(response.status, status);
    EXPECT_TRUE(response.set_cookie.empty());
}

/// A broker among toys, and a client of it.
class Handshake : public ::testing::Test {
protected:
    hallmark::test::FakeRelyingParty party;
    Broker broker{party.services()};

    Response post(std::string_view target, std::string_view body, std::string_view cookie = "",
                  std::string_view authorization = "") {
        return broker.handle({"POST", target, cookie, authorization, body, "192.0.2.1"});
    }
    Response get(std::string_view target, std::string_view cookie = "", std::string_view authorization = "") {
        return broker.handle({"GET", target, cookie, authorization, "", "192.0.2.1"});
    }

    struct Session {
        std::string cookie;
        std::string nonce;
    };
    Session auth(std::string_view version = "0.4.0") {
        const auto response = post("/kbs/v0/auth", auth_body(version));
        EXPECT_EQ(response.status, 200U) << response.body;
        const auto body = parse_json(response.body, "auth").value_or(Json::object());
        EXPECT_EQ(body.value("extra-params", "none"), "");
        return {response.set_cookie.substr(0, response.set_cookie.find(';')), body.value("nonce", "")};
    }
    Response attest(const Session& session, bool good = true) {
        return post("/kbs/v0/attest", attest_body(session.nonce, evidence_of(report_data_of(session.nonce), good)),
                    session.cookie);
    }
    static std::string token_of(const Response& response) {
        return parse_json(response.body, "attest").value_or(Json::object()).value("token", "");
    }
    void keep(std::string_view path, std::string_view secret) {
        ASSERT_TRUE(party.store.write(keys::ResourcePath::parse(path).value(), as_bytes(secret)));
    }
};

}  // namespace hallmark::broker::test
