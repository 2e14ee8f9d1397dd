// SPDX-License-Identifier: Apache-2.0
#include "relying-party/tokens/admin_token.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "common/bytes.hpp"
#include "common/jose/jws.hpp"
#include "common/json.hpp"
#include "tests/support/expect_error.hpp"

namespace hallmark::tokens {
namespace {

constexpr std::time_t kNow = 1'790'000'000;
constexpr std::uint32_t kTwoHours = 7200;

class AdminToken : public testing::Test {
protected:
    [[nodiscard]] std::string signed_claims(const Json& claims) const {
        return jose::sign(Json{{"typ", "JWT"}}, as_bytes(claims.dump()), key_).value();
    }
    void expect_refused(std::string_view token, std::string_view word) const {
        SCOPED_TRACE(word);
        test::expect_error(check_admin_token(token, key_.public_key(), kNow), {"admin token", word}, Fault::kNo);
    }
    const jose::SigningKey key_ = jose::SigningKey::generate(jose::SignatureAlgorithm::kEdDsa).value();
};

TEST_F(AdminToken, SaysWhoAsks) {
    const auto token =
        jose::make_admin_token(key_, {.role = "kbs-admin", .subject = "alice", .issuer = "i", .audience = "a"}, kNow);
    const auto who = check_admin_token(token.value(), key_.public_key(), kNow).value();
    EXPECT_EQ(who.role, "kbs-admin");
    EXPECT_EQ(who.subject, "alice");
    EXPECT_EQ(who.key, key_.public_key().thumbprint());
}

// What kbs-client writes: no role, iat and nbf now, exp two hours later.
TEST_F(AdminToken, OfKbsClientIsAccepted) {
    const auto token = signed_claims({{"iat", kNow}, {"exp", kNow + kTwoHours}, {"nbf", kNow}});
    EXPECT_EQ(check_admin_token(token, key_.public_key(), kNow)->role, "");
    EXPECT_TRUE(check_admin_token(token, key_.public_key(), kNow + kTwoHours - 1));
    EXPECT_TRUE(check_admin_token(token, key_.public_key(), kNow - 60));  // its clock is a minute ahead
}

TEST_F(AdminToken, IsValidForItsTimeOnly) {
    const auto token = signed_claims({{"iat", kNow}, {"exp", kNow + kTwoHours}, {"nbf", kNow}});
    test::expect_error(check_admin_token(token, key_.public_key(), kNow + kTwoHours), {"admin token: expired 0 s ago"},
                       Fault::kNo);
    test::expect_error(check_admin_token(token, key_.public_key(), kNow - 61), {"not valid before 61 s from now"},
                       Fault::kNo);
    expect_refused(signed_claims({{"exp", kNow + 10}}), "iat: missing");
    expect_refused(signed_claims({{"iat", kNow}}), "exp: missing");
    expect_refused(signed_claims({{"iat", kNow}, {"exp", kNow + kTwoHours + 1}}), "made for 7201 s");
    expect_refused(signed_claims({{"iat", kNow}, {"exp", kNow + 10}, {"nbf", kNow + 100}}), "not valid before");
    expect_refused(signed_claims({{"iat", kNow + 100}, {"exp", kNow + 200}}), "not valid before");
    expect_refused(signed_claims({{"iat", kNow}, {"exp", "tomorrow"}}), "exp: found string");
    expect_refused(signed_claims({{"iat", -1}, {"exp", kNow + 10}}), "iat: found number");
    expect_refused(signed_claims({{"iat", kNow}, {"exp", UINT64_MAX}}), "exp: no time");
    const auto year = signed_claims({{"iat", kNow}, {"exp", kNow + 31'536'000}});
    EXPECT_FALSE(check_admin_token(year, key_.public_key(), kNow));
    EXPECT_TRUE(check_admin_token(year, key_.public_key(), kNow, 31'536'000));
}

TEST_F(AdminToken, OfAnotherKeyOrFormIsRefused) {
    const auto other = jose::SigningKey::generate(jose::SignatureAlgorithm::kEdDsa).value();
    expect_refused(jose::make_admin_token(other, {}, kNow).value(), "signature");
    const auto p256 = jose::SigningKey::generate(jose::SignatureAlgorithm::kEs256).value();
    EXPECT_FALSE(jose::make_admin_token(p256, {}, kNow));
    EXPECT_FALSE(check_admin_token(jose::make_admin_token(key_, {}, kNow).value(), p256.public_key(), kNow));
    expect_refused("", "three parts");
    expect_refused("eyJhbGciOiJub25lIn0.e30.", "another algorithm");
    expect_refused(std::string(100'000, 'A'), "100000 bytes");
    expect_refused(jose::sign(Json::object(), as_bytes("[]"), key_).value(), "expected an object");
    expect_refused(jose::sign(Json::object(), as_bytes("no json"), key_).value(), "not JSON");
    expect_refused(signed_claims({{"iat", kNow}, {"exp", kNow + 10}, {"role", 5}}), "role");
    expect_refused(signed_claims({{"iat", kNow}, {"exp", kNow + 10}, {"role", std::string(300, 'r')}}), "role");
}

}  // namespace
}  // namespace hallmark::tokens
