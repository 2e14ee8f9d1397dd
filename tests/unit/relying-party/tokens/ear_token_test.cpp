// SPDX-License-Identifier: Apache-2.0
// Header and signature are checked by another implementation in tests/integration/test_jose.py.
#include "relying-party/tokens/ear_token.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/base64.hpp"
#include "common/bytes.hpp"
#include "common/jose/jws.hpp"
#include "tests/support/expect_error.hpp"

namespace hallmark::tokens {
namespace {

constexpr std::time_t kNow = 1'790'000'000;
constexpr std::uint32_t kLifetime = 300;

class EarToken : public testing::Test {
protected:
    EarToken() {
        appraisal_.policy = "default";
        appraisal_.dimensions["executables"].value = 3;
        appraisal_.dimensions["hardware"].value = 97;
        appraisal_.status = appraisal::Tier::kContraindicated;
        verified_.claims = {{"measurement", "00ff"}, {"report_data", "in its own place"}};
        verified_.init_data = Bytes(32, 0xab);
        verified_.report_data.fill(0xcd);
    }
    [[nodiscard]] Result<std::string> make() const { return make_token(subject(), kNow, kLifetime, key_); }
    [[nodiscard]] Subject subject() const {
        return {.appraisal = appraisal_, .verified = verified_, .runtime_data = runtime_, .init_data = init_data_};
    }
    [[nodiscard]] Result<Json> check(std::string_view token, std::time_t at = kNow) const {
        return check_token(token, {key_.public_key()}, at);
    }
    void expect_refused(std::string_view token, std::string_view word, std::time_t at = kNow) const {
        SCOPED_TRACE(word);
        test::expect_error(check(token, at), {"attestation token", word}, Fault::kNo);
    }
    [[nodiscard]] std::string changed(void (*change)(Json& claims)) const {
        auto claims = check(make().value()).value();
        change(claims);
        return jose::sign(Json::object(), as_bytes(claims.dump()), key_).value();
    }

    appraisal::Appraisal appraisal_;
    verifier::Verified verified_;
    Json runtime_ = {{"nonce", "AAAA"}, {"tee-pubkey", {{"kty", "EC"}}}};
    Json init_data_ = {{"policy", "x"}};
    const jose::SigningKey key_ = jose::SigningKey::generate(jose::SignatureAlgorithm::kEs256).value();
};

TEST_F(EarToken, SaysWhatTrusteesDoes) {
    const auto claims = check(make().value()).value();
    EXPECT_EQ(claims["eat_profile"], "tag:github.com,2024:confidential-containers/Trustee");
    EXPECT_EQ(claims["iss"], "CoCo-Attestation-Service");
    EXPECT_EQ(claims["iat"], kNow);
    EXPECT_EQ(claims["exp"], kNow + kLifetime);
    EXPECT_TRUE(claims["ear.verifier-id"]["developer"].is_string());
    EXPECT_TRUE(claims["ear.verifier-id"]["build"].is_string());
    const auto& cpu = claims["submods"]["cpu0"];
    EXPECT_EQ(cpu["ear.status"], "contraindicated");
    EXPECT_EQ(cpu["ear.trustworthiness-vector"], (Json{{"executables", 3}, {"hardware", 97}}));
    EXPECT_EQ(cpu["ear.appraisal-policy-id"], "default");
    const auto& evidence = cpu["ear.veraison.annotated-evidence"];
    EXPECT_EQ(evidence["snp"], (Json{{"measurement", "00ff"}}));
    EXPECT_EQ(evidence["init_data"].get<std::string>().substr(0, 4), "abab");
    EXPECT_EQ(evidence["report_data"].get<std::string>().size(), 128U);
    EXPECT_EQ(evidence["init_data_claims"], init_data_);
    EXPECT_EQ(evidence["runtime_data_claims"], runtime_);
    EXPECT_EQ(tee_key_of(claims).value(), runtime_["tee-pubkey"]);
    EXPECT_FALSE(tee_key_of(Json::object()));
    EXPECT_FALSE(tee_key_of(Json{{"submods", 5}}));
}

TEST_F(EarToken, TheClaimsThatAreSignedAreThoseThatAreRead) {
    const auto made = make_claims(subject(), kNow, kLifetime).value();
    EXPECT_EQ(made, check(sign_claims(made, key_).value()).value());
    for (const auto* time : {"iat", "exp"}) EXPECT_TRUE(JsonObject::of(made, "made").value().number(time)) << time;
}

TEST_F(EarToken, ASimulatedTeeIsNamed) {
    // Nothing that evidence or guest say makes the claim.
    verified_.claims[std::string(kSimulatedClaim)] = true;
    runtime_[std::string(kSimulatedClaim)] = true;
    EXPECT_FALSE(check(make().value()).value()["submods"]["cpu0"].contains(kSimulatedClaim));
    verified_.simulated = true;
    EXPECT_EQ(check(make().value()).value()["submods"]["cpu0"][std::string(kSimulatedClaim)], true);
}

TEST_F(EarToken, IsValidForItsTimeOnly) {
    const auto token = make().value();
    EXPECT_TRUE(check(token, kNow + kLifetime - 1));
    expect_refused(token, "expired 0 s ago", kNow + kLifetime);
    EXPECT_TRUE(check(token, kNow - 60));
    expect_refused(token, "not valid before 61 s", kNow - 61);
    expect_refused(changed([](Json& claims) { claims.erase("exp"); }), "exp: missing");
    expect_refused(changed([](Json& claims) { claims.erase("iat"); }), "iat: missing");
    expect_refused(changed([](Json& claims) { claims["nbf"] = kNow + 100; }), "not valid before");
}

TEST_F(EarToken, OfAnotherKeyOrAlgorithmIsRefused) {
    const auto other = jose::SigningKey::generate(jose::SignatureAlgorithm::kEs256).value();
    const auto foreign = make_token(subject(), kNow, kLifetime, other).value();
    expect_refused(foreign, "not in the key set");
    EXPECT_TRUE(check_token(foreign, {key_.public_key(), other.public_key()}, kNow));
    EXPECT_FALSE(check_token(foreign, {}, kNow));
    // The header names our key, the signature is another's.
    const auto claims = check(make().value()).value();
    const Json ours = {{"kid", key_.public_key().thumbprint()}};
    expect_refused(jose::sign(ours, as_bytes(claims.dump()), other).value(), "signature");
    // The header brings its own key, as an attacker would.
    expect_refused(jose::sign(Json{{"jwk", other.public_key().to_jwk()}}, as_bytes(claims.dump()), other).value(),
                   "not in the key set");
    EXPECT_TRUE(check(jose::sign(Json{{"jwk", key_.public_key().to_jwk()}}, as_bytes(claims.dump()), key_).value()));
    const auto edwards = jose::SigningKey::generate(jose::SignatureAlgorithm::kEdDsa).value();
    EXPECT_FALSE(make_token(subject(), kNow, kLifetime, edwards));
    const auto admin = jose::sign(Json::object(), as_bytes(claims.dump()), edwards).value();
    EXPECT_FALSE(check_token(admin, {edwards.public_key()}, kNow));
    expect_refused(admin, "another algorithm");
    const auto payload = to_base64url(as_bytes(claims.dump()));
    expect_refused(to_base64url(as_bytes(R"({"alg":"none"})")) + "." + payload + ".", "another algorithm");
}

TEST_F(EarToken, WhatIsNoAttestationResultIsRefused) {
    expect_refused("", "three parts");
    expect_refused("a.b.c", "header");
    expect_refused(std::string(kLongestToken + 1, 'A'), "expected at most 131072");
    expect_refused(jose::sign(Json::object(), as_bytes("[]"), key_).value(), "expected an object");
    expect_refused(changed([](Json& claims) { claims["eat_profile"] = "x"; }), "eat_profile");
    expect_refused(changed([](Json& claims) { claims.erase("submods"); }), "submods: missing");
    expect_refused(changed([](Json& claims) { claims["submods"]["cpu0"]["ear.status"] = "good"; }), "ear.status");
    // A token that we never made: only its payload is that of an administrator.
    expect_refused(jose::sign(Json::object(), as_bytes(Json{{"iat", kNow}, {"exp", kNow + 9}}.dump()), key_).value(),
                   "eat_profile: missing");
}

TEST_F(EarToken, WhatNobodyCouldReadIsNotMade) {
    init_data_["policy"] = std::string(kLongestToken, 'x');
    EXPECT_FALSE(make());
    init_data_ = nullptr;
    EXPECT_TRUE(make());
    appraisal_.dimensions["luck"].value = 2;
    test::expect_error(make(), {"policy default", "luck"});
    appraisal_.dimensions.erase("luck");
    appraisal_.dimensions["hardware"].value = 128;
    EXPECT_FALSE(make());
}

TEST_F(EarToken, TheKeySetHoldsPublicKeysOnly) {
    const auto set = key_set({key_.public_key()});
    ASSERT_EQ(set["keys"].size(), 1U);
    const auto& jwk = set["keys"][0];
    EXPECT_TRUE(JsonObject::of(jwk, "jwk")->only({"kty", "crv", "x", "y", "alg", "use", "kid"}));
    EXPECT_EQ(jwk["kid"], key_.public_key().thumbprint());
    EXPECT_EQ(jose::VerifyingKey::from_jwk(jwk, "jwk")->thumbprint(), key_.public_key().thumbprint());
}

}  // namespace
}  // namespace hallmark::tokens
