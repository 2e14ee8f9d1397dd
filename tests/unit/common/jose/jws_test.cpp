// SPDX-License-Identifier: Apache-2.0
#include "common/jose/jws.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "common/base64.hpp"

namespace hallmark::jose {
namespace {

constexpr std::size_t kLimit = 64 * 1024;

// RFC 7515, appendix A.3.
constexpr std::string_view kEsKey = R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"})";
constexpr std::string_view kEsSigned =
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
    "fQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

// RFC 8037, appendix A.1, A.4 and A.5.
constexpr std::string_view kEdKey = R"({"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";
constexpr std::string_view kEdSigned =
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4i"
    "ylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

SigningKey key_of(std::string_view jwk) { return SigningKey::from_jwk(as_bytes(jwk), "key.jwk").value(); }

std::string text_of(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

TEST(Jws, Es256OfTheRfc) {
    const auto key = key_of(kEsKey);
    const auto jws = verify(kEsSigned, key.public_key(), kLimit).value();
    EXPECT_EQ(text_of(jws.payload),
              "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}");
    const auto ours = sign(Json::object(), jws.payload, key).value();
    EXPECT_EQ(ours.substr(0, ours.rfind('.')), kEsSigned.substr(0, kEsSigned.rfind('.')));
    EXPECT_EQ(verify(ours, key.public_key(), kLimit)->payload, jws.payload);
}

TEST(Jws, Ed25519OfTheRfc) {
    const auto key = key_of(kEdKey);
    EXPECT_EQ(sign(Json::object(), as_bytes("Example of Ed25519 signing"), key).value(), kEdSigned);
    EXPECT_EQ(text_of(verify(kEdSigned, key.public_key(), kLimit)->payload), "Example of Ed25519 signing");
}

TEST(Jws, AnyChangedCharacterIsRefused) {
    for (const auto& [key_text, signed_text] : {std::pair(kEsKey, kEsSigned), std::pair(kEdKey, kEdSigned)}) {
        const auto key = key_of(key_text);
        for (std::size_t i = 0; i < signed_text.size(); ++i) {
            std::string changed(signed_text);
            changed[i] = changed[i] == 'A' ? 'B' : 'A';
            EXPECT_FALSE(verify(changed, key.public_key(), kLimit)) << i;
            EXPECT_FALSE(verify(signed_text.substr(0, i), key.public_key(), kLimit)) << i;
        }
    }
}

TEST(Jws, AKeyHasOneAlgorithm) {
    const auto key = key_of(kEsKey).public_key();
    const auto rest = std::string(kEsSigned.substr(kEsSigned.find('.')));
    const auto refusal = [&](std::string_view header) {
        const auto jws = verify(to_base64url(as_bytes(header)) + rest, key, kLimit);
        return jws ? "accepted" : jws.error().message;
    };
    const std::string other =
        "JWS header: alg: found another algorithm or none, expected ES256, the only one of this key";
    for (const auto* header : {R"({"alg":"none"})", R"({"alg":"HS256"})", R"({"alg":"EdDSA"})", R"({"alg":"es256"})",
                               "{}", R"({"alg":256})", R"({"alg":["ES256"]})"})
        EXPECT_EQ(refusal(header), other) << header;
    EXPECT_EQ(refusal(R"({"alg":"ES256","crit":["exp"],"exp":1})"),
              "JWS header: crit: an extension that this version does not know");
    EXPECT_NE(refusal(R"({"alg":"ES256","b64":false})"), "accepted");
    EXPECT_EQ(refusal(R"({"alg":"ES256","alg":"ES256"})"), "JWS header: key 'alg' stands twice in one object");
    EXPECT_EQ(verify(kEdSigned, key, kLimit).error().message, other);
    EXPECT_EQ(verify(kEdSigned, key, kLimit).error().fault, Fault::kNo);
}

TEST(Jws, ThreePartsWithinTheLimit) {
    const auto key = key_of(kEsKey).public_key();
    EXPECT_TRUE(verify(kEsSigned, key, kEsSigned.size()));
    EXPECT_FALSE(verify(kEsSigned, key, kEsSigned.size() - 1));
    for (const auto* text : {"", ".", "..", "...", "a.b", "a.b.c.d", "eyJhbGciOiJFUzI1NiJ9..", "W10.e30.AAAA"})
        EXPECT_FALSE(verify(text, key, kLimit)) << text;
    // The unsigned form and a signature in DER, as other libraries write it.
    EXPECT_FALSE(verify("eyJhbGciOiJub25lIn0.e30.", key, kLimit));
    EXPECT_EQ(unverified_header(kEsSigned, kLimit).value(), (Json{{"alg", "ES256"}}));
}

TEST(Jws, ASignatureOfZerosIsRefused) {
    const auto signed_part = std::string(kEsSigned.substr(0, kEsSigned.rfind('.') + 1));
    for (const std::size_t size : {0U, 63U, 64U, 65U})
        EXPECT_FALSE(verify(signed_part + to_base64url(Bytes(size)), key_of(kEsKey).public_key(), kLimit));
}

TEST(SigningKey, ComesBackFromPemAndJwk) {
    for (const auto algorithm : {SignatureAlgorithm::kEs256, SignatureAlgorithm::kEdDsa}) {
        const auto key = SigningKey::generate(algorithm).value();
        const auto by_pem = SigningKey::from_pem(key.to_pem()->bytes(), "key.pem").value();
        const auto by_jwk = SigningKey::from_jwk(key.to_jwk()->bytes(), "key.jwk").value();
        const auto& public_key = key.public_key();
        const auto public_pem = VerifyingKey::from_pem(as_bytes(public_key.to_pem().value()), "key.pub").value();
        const auto public_jwk = VerifyingKey::from_jwk(public_key.to_jwk(), "key.jwk").value();
        for (const auto& other : {by_pem.public_key(), by_jwk.public_key(), public_pem, public_jwk})
            EXPECT_EQ(other.thumbprint(), public_key.thumbprint());
        EXPECT_TRUE(verify(sign(Json::object(), {}, by_jwk).value(), public_pem, kLimit));
        EXPECT_TRUE(verify(sign(Json::object(), {}, by_pem).value(), public_jwk, kLimit));
        EXPECT_FALSE(
            verify(sign(Json::object(), {}, SigningKey::generate(algorithm).value()).value(), public_pem, kLimit));
    }
    EXPECT_EQ(key_of(kEdKey).public_key().thumbprint(),
              "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");  // RFC 8037, A.3
}

TEST(SigningKey, WhatDoesNotBelongTogetherIsRefused) {
    const auto refused = [](std::string_view text, std::string_view from, std::string_view to) {
        std::string changed(text);
        changed.replace(changed.find(from), from.size(), to);
        return !SigningKey::from_jwk(as_bytes(changed), "key.jwk");
    };
    EXPECT_TRUE(refused(kEdKey, "nWGx", "nWGy"));
    EXPECT_TRUE(refused(kEdKey, "Ed25519", "X25519"));
    EXPECT_TRUE(refused(kEdKey, "OKP", "EC"));
    EXPECT_TRUE(refused(kEsKey, "jpsQ", "jpsR"));
    EXPECT_TRUE(refused(kEsKey, "P-256", "P-384"));
    EXPECT_TRUE(refused(kEsKey, "f83O", "f83P"));
    EXPECT_TRUE(refused(kEsKey, "\"kty\"", "\"use\":\"enc\",\"kty\""));
    EXPECT_TRUE(refused(kEsKey, "\"kty\"", "\"alg\":\"EdDSA\",\"kty\""));
    EXPECT_FALSE(refused(kEsKey, "\"kty\"", "\"alg\":\"ES256\",\"kty\""));
    EXPECT_FALSE(VerifyingKey::from_jwk(parse_json(kEsKey, "k").value(), "key.jwk"));
    EXPECT_FALSE(SigningKey::from_pem(as_bytes("no key"), "key.pem"));
    EXPECT_FALSE(VerifyingKey::from_pem(as_bytes("no key"), "key.pem"));
}

}  // namespace
}  // namespace hallmark::jose
