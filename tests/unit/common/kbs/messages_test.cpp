// SPDX-License-Identifier: Apache-2.0
#include "common/kbs/messages.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "common/hex.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/unit/common/kbs/known_guest.hpp"

namespace hallmark::kbs {
namespace {

using hallmark::test::expect_error;
using namespace test;

Json parsed(std::string_view text) { return parse_json(text, "test").value(); }

TEST(KbsMessages, AuthIsAsTheProtocolHasIt) {
    EXPECT_EQ(parsed(auth_request("tdx")),
              parsed(R"({"version":"0.4.0","tee":"tdx","extra-params":{"supported-hash-algorithms":["sha384"]}})"));
}

TEST(KbsMessages, ReportDataBindNonceAndKey) {
    const auto key = known_key();
    ASSERT_EQ(key.public_key().json().size(), 5U);
    const auto data = report_data_of(kNonce, key.public_key());
    ASSERT_TRUE(data) << data.error().message;
    EXPECT_EQ(to_hex(*data), std::string(kDigest) + std::string(32, '0'));
    EXPECT_NE(to_hex(report_data_of("AAAA", key.public_key()).value()), to_hex(*data));
    const auto other = jose::KeyPair::generate(jose::KeyKind::kP256).value();
    EXPECT_NE(to_hex(report_data_of(kNonce, other.public_key()).value()), to_hex(*data));
}

TEST(KbsMessages, AttestIsAsTheProtocolHasIt) {
    const auto key = known_key();
    const Json evidence = parsed(R"({"quote":"AAAA"})");
    Json expected = parsed(R"({"init-data":null,"runtime-data":{},"tee-evidence":{"primary_evidence":{"quote":"AAAA"},)"
                           R"("additional_evidence":""}})");
    expected["runtime-data"]["nonce"] = kNonce;
    expected["runtime-data"]["tee-pubkey"] = key.public_key().json();
    EXPECT_EQ(parsed(attest_request(kNonce, key.public_key(), evidence)), expected);
    // Whatever order the members have, they are those of the key.
    EXPECT_EQ(nlohmann::json::parse(key.public_key().json().dump(), nullptr, false),
              nlohmann::json::parse(kKeyJson, nullptr, false));
    expected["init-data"] = parsed(R"({"format":"toml","body":"version = \"0.1.0\"\n"})");
    EXPECT_EQ(parsed(attest_request(kNonce, key.public_key(), evidence, "version = \"0.1.0\"\n")), expected);
}

TEST(KbsMessages, ReadsANonce) {
    EXPECT_EQ(parse_challenge(challenge_body(kNonce)).value(), kNonce);
    EXPECT_TRUE(parse_challenge(R"({"nonce":"AAAA","extra-params":{"selected-hash-algorithm":"SHA384"},"new":1})"));
    EXPECT_TRUE(parse_challenge(R"({"nonce":"AAAA"})"));
}

TEST(KbsMessages, RefusesAHostileNonce) {
    expect_error(parse_challenge(challenge_body(std::string(1025, 'A'))), {"nonce", "1025", "1 to 1024"});
    expect_error(parse_challenge(std::string(17 * 1024, ' ')), {"17408", "at most 16384"});
    expect_error(parse_challenge(challenge_body("")), {"nonce"});
    expect_error(parse_challenge(challenge_body("AA\\u0000AA")), {"nonce"});
    expect_error(parse_challenge(challenge_body("A\\nA")), {"nonce"});
    expect_error(parse_challenge(R"({"nonce":["AAAA"]})"), {"nonce"});
    expect_error(parse_challenge(R"(["AAAA"])"), {"answer to auth"});
    expect_error(parse_challenge("<html>"), {"answer to auth"});
    expect_error(parse_challenge(R"({"nonce":"AAAA","extra-params":{"selected-hash-algorithm":"sm3"}})"),
                 {"expected sha384"});
    expect_error(parse_challenge(R"({"nonce":"AAAA","extra-params":{"selected-hash-algorithm":null}})"),
                 {"expected sha384"});
}

TEST(KbsMessages, ReadsATokenAndNothingElse) {
    const auto body = [](std::string_view token) { return R"({"token":")" + std::string(token) + R"("})"; };
    EXPECT_EQ(parse_token(body(kToken)).value(), kToken);
    expect_error(parse_token(body("")), {"no signed token"});
    expect_error(parse_token(body("a.b")), {"no signed token"});
    expect_error(parse_token(body("a.b.c\\r\\nX: y")), {"no signed token"});
    expect_error(parse_token(body("a.b." + std::string(131072, 'c'))), {"131076"});
    expect_error(parse_token(std::string(300 * 1024, ' ')), {"307200"});
    expect_error(parse_token("{}"), {"token"});
}

Result<std::optional<std::string>> cookie_of(const std::vector<std::string>& cookies) {
    return session_cookie_of(cookies);
}

TEST(KbsMessages, FindsItsCookieAmongOthers) {
    EXPECT_EQ(cookie_of({"a=b; Path=/", "kbs-session-id=0a1b; Path=/kbs/v0; HttpOnly", "lb=2"})->value(),
              "kbs-session-id=0a1b");
    EXPECT_EQ(cookie_of({" kbs-session-id=x ;Secure"})->value(), "kbs-session-id=x");
    EXPECT_EQ(cookie_of({"kbs-session-id=x", "kbs-session-id=x; Path=/"})->value(), "kbs-session-id=x");
    EXPECT_FALSE(cookie_of({})->has_value());
    EXPECT_FALSE(cookie_of({"xkbs-session-id=1", "KBS-SESSION-ID=1", "kbs-session-id", ""})->has_value());
    expect_error(cookie_of({"kbs-session-id=x", "kbs-session-id=y"}), {"twice"});
    expect_error(cookie_of({"kbs-session-id="}), {"0 characters"});
    expect_error(cookie_of({"kbs-session-id=" + std::string(257, 'x')}), {"257 characters"});
    expect_error(cookie_of({"kbs-session-id=a\rX: y"}), {"that a cookie may have"});
}

TEST(KbsMessages, OpensWhatIsEncryptedForItsKey) {
    const auto key = known_key();
    const auto secret = open_resource(kJwe, key);
    ASSERT_TRUE(secret) << secret.error().message;
    EXPECT_TRUE(equal(secret->bytes(), as_bytes(kSecret)));
    EXPECT_FALSE(open_resource(kJwe, jose::KeyPair::generate(jose::KeyKind::kP256).value()));
    EXPECT_FALSE(open_resource("{}", key));
    EXPECT_FALSE(open_resource("the secret in clear", key));
    expect_error(open_resource(std::string(6 * 1024 * 1024 + 1, ' '), key), {"6291457"});
}

TEST(KbsMessages, TakesOnlyPathsThatStayWhereTheyAre) {
    for (const char* path : {"default/key/one", "a/b/c", "A_1/b-2/c.tar.gz", "-/_/0"})
        EXPECT_TRUE(check_resource_path(path)) << path;
    for (const char* path : {"", "one", "a/b", "a/b/c/d", "/a/b", "a/b/", "a//c", "../a/b", "a/../b", "a/b/..",
                             "a/b/.c", "a/b/c?x=1", "a/b/c#d", "a/b/%2e", "a b/c/d", "a/b/c\r\nX: y", "a/b/\xc3\xa4"})
        expect_error(check_resource_path(path), {"REPOSITORY/TYPE/TAG"});
    EXPECT_FALSE(check_resource_path("a/b/" + std::string(1000, 'c')));
}

}  // namespace
}  // namespace hallmark::kbs
