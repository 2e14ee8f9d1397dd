// SPDX-License-Identifier: Apache-2.0
#include "common/jose/jwk.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "common/base64.hpp"

namespace hallmark::jose {
namespace {

// RFC 7515, appendix A.3.1, as the public key of a TEE.
Json ec_key() {
    return {{"kty", "EC"},
            {"crv", "P-256"},
            {"alg", "ECDH-ES+A256KW"},
            {"x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"},
            {"y", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}};
}

// RFC 7638, section 3.1.
Json rsa_key() {
    return {
        {"kty", "RSA"},
        {"n",
         "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3"
         "oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdA"
         "ZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-"
         "kEgU8awapJzKnqDKgw"},
        {"e", "AQAB"},
        {"alg", "RSA-OAEP-256"}};
}

template <class Value>
std::string refusal(Json json, const char* member, Value value) {
    json[member] = value;
    const auto parsed = Jwk::parse(json, "tee-pubkey");
    return parsed ? "accepted" : parsed.error().message;
}

std::string refusal_without(Json json, const char* member) {
    json.erase(member);
    const auto parsed = Jwk::parse(json, "tee-pubkey");
    return parsed ? "accepted" : parsed.error().message;
}

TEST(Jwk, KeysOfTees) {
    const auto ec = Jwk::parse(ec_key(), "tee-pubkey").value();
    EXPECT_EQ(ec.algorithm(), KeyManagement::kEcdhEsA256Kw);
    EXPECT_EQ(ec.json()["x"], ec_key()["x"]);
    const auto rsa = Jwk::parse(rsa_key(), "tee-pubkey").value();
    EXPECT_EQ(rsa.algorithm(), KeyManagement::kRsaOaep256);
}

// RFC 7638, section 3.1; RFC 8037, appendix A.3.
TEST(Jwk, ThumbprintsOfTheRfcs) {
    EXPECT_EQ(thumbprint(rsa_key()).value(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    EXPECT_EQ(
        thumbprint({{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}}).value(),
        "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    EXPECT_FALSE(thumbprint({{"kty", "oct"}, {"k", "AAAA"}}));
    EXPECT_FALSE(thumbprint({{"kty", "EC"}, {"crv", "P-256"}}));
}

TEST(Jwk, KindAndAlgorithmBelongTogether) {
    EXPECT_EQ(refusal(ec_key(), "kty", "AKP"), "tee-pubkey: kty: found another kind of key, expected EC or RSA");
    EXPECT_EQ(refusal(ec_key(), "kty", "oct"), refusal(ec_key(), "kty", "AKP"));
    EXPECT_EQ(refusal(ec_key(), "alg", "RSA-OAEP-256"),
              "tee-pubkey: alg: found another algorithm, expected ECDH-ES+A256KW for a key of kty EC");
    EXPECT_NE(refusal(ec_key(), "alg", "ECDH-ES"), "accepted");
    EXPECT_NE(refusal(rsa_key(), "alg", "RSA1_5"), "accepted");
    EXPECT_EQ(refusal_without(ec_key(), "alg"), "tee-pubkey: alg: missing");
    EXPECT_EQ(refusal_without(rsa_key(), "kty"), "tee-pubkey: kty: missing");
    EXPECT_NE(refusal(ec_key(), "kty", 5), "accepted");
    EXPECT_NE(refusal(ec_key(), "use", "sig"), "accepted");
    EXPECT_EQ(refusal(ec_key(), "use", "enc"), "accepted");
    EXPECT_FALSE(Jwk::parse(Json::array(), "tee-pubkey"));
}

TEST(Jwk, PrivateMembersAreRefused) {
    for (const auto* member : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}) {
        EXPECT_NE(refusal(rsa_key(), member, "AAAA").find("a private member"), std::string::npos) << member;
        EXPECT_NE(refusal(ec_key(), member, "AAAA").find("a private member"), std::string::npos) << member;
    }
    EXPECT_NE(refusal(ec_key(), "x5c", "AAAA").find("unknown key"), std::string::npos);
}

TEST(Jwk, PointsLieOnTheirCurve) {
    EXPECT_EQ(refusal(ec_key(), "crv", "secp256k1"),
              "tee-pubkey: crv: found another curve, expected P-256, P-384 or P-521");
    EXPECT_EQ(refusal(ec_key(), "crv", "P-384"), "tee-pubkey: x: 32 bytes, expected 48: zeros in front are part of it");
    EXPECT_EQ(refusal(ec_key(), "y", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a8"),
              "tee-pubkey: the point is not on the curve P-256");
    EXPECT_EQ(refusal(ec_key(), "y", ec_key()["x"].get<std::string>()),
              "tee-pubkey: the point is not on the curve P-256");
    // Beyond the field's prime; the same point at another length; a cut one; not in the alphabet.
    EXPECT_NE(refusal(ec_key(), "x", to_base64url(Bytes(32, 0xff))), "accepted");
    Bytes longer = from_base64url(ec_key()["x"].get<std::string>()).value();
    longer.insert(longer.begin(), 0);
    EXPECT_EQ(refusal(ec_key(), "x", to_base64url(longer)),
              "tee-pubkey: x: 33 bytes, expected 32: zeros in front are part of it");
    EXPECT_NE(refusal(ec_key(), "x", ""), "accepted");
    EXPECT_NE(refusal(ec_key(), "x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU="), "accepted");
    EXPECT_NE(refusal(ec_key(), "x", to_base64url(Bytes(32, 0))), "accepted");
    EXPECT_EQ(refusal_without(ec_key(), "y"), "tee-pubkey: y: missing");
}

TEST(Jwk, ModuliHave2048BitsOrMore) {
    Bytes modulus(256, 0xff);
    EXPECT_EQ(refusal(rsa_key(), "n", to_base64url(modulus)), "accepted");
    modulus[0] = 0x7f;
    EXPECT_NE(refusal(rsa_key(), "n", to_base64url(modulus)), "accepted");
    for (const std::size_t size : {0U, 1U, 128U, 255U, 513U, 4096U})
        EXPECT_NE(refusal(rsa_key(), "n", to_base64url(Bytes(size, 0xff))).find(std::to_string(size) + " bytes"),
                  std::string::npos);
    EXPECT_NE(refusal(rsa_key(), "n", to_base64url(Bytes(256, 0xfe))).find("even"), std::string::npos);
    for (const auto& exponent : {Bytes{}, Bytes{1}, Bytes{2}, Bytes{0, 1, 0, 1}, Bytes(9, 1)})
        EXPECT_NE(refusal(rsa_key(), "e", to_base64url(exponent)), "accepted");
    EXPECT_EQ(refusal(rsa_key(), "e", to_base64url(Bytes{3})), "accepted");
}

TEST(KeyPair, OfEveryKindComesBackFromPem) {
    for (const auto* name : {"ECDH-ES+A256KW-P256", "ECDH-ES+A256KW-P384", "ECDH-ES+A256KW-P521", "RSA-OAEP-256"}) {
        const auto pair = KeyPair::generate(parse_key_kind(name).value()).value();
        EXPECT_TRUE(std::string_view(name).starts_with(pair.public_key().json()["alg"].get<std::string>()));
        const auto pem = pair.to_pem().value();
        const auto again = KeyPair::from_pem(pem.bytes(), "key.pem").value();
        EXPECT_EQ(again.public_key().json(), pair.public_key().json());
        EXPECT_TRUE(Jwk::parse(again.public_key().json(), "tee-pubkey"));
    }
    EXPECT_FALSE(parse_key_kind("ML-KEM-768+A192KW"));
    EXPECT_FALSE(
        KeyPair::from_pem(as_bytes("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), "key.pem"));
    EXPECT_FALSE(KeyPair::from_pem({}, "key.pem"));
}

/// The private key of RFC 7515, appendix A.3.1, whose point the file has compressed.
TEST(KeyPair, OfACompressedPointHasBothCoordinates) {
    constexpr std::string_view kPem =
        "-----BEGIN EC PRIVATE KEY-----\n"
        "MFcCAQEEII6bEJ5xkJi/mASH3x9dd+nLKWBuvtImO19XwhPfhPSyoAoGCCqGSM49\n"
        "AwEHoSQDIgADf83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU=\n"
        "-----END EC PRIVATE KEY-----\n";
    EXPECT_EQ(KeyPair::from_pem(as_bytes(kPem), "key.pem").value().public_key().json()["x"], ec_key()["x"]);
    EXPECT_EQ(KeyPair::from_pem(as_bytes(kPem), "key.pem").value().public_key().json()["y"], ec_key()["y"]);
}

TEST(KeyPair, IsHandedOutInTheFormOfItsKind) {
    const auto begin_of = [](KeyKind kind) {
        const auto pair = KeyPair::generate(kind).value();
        const auto pem = pair.to_tee_pem().value();
        EXPECT_EQ(KeyPair::from_pem(pem.bytes(), "key.pem")->public_key().json(), pair.public_key().json());
        const std::string text(pem.bytes().begin(), pem.bytes().end());
        return text.substr(0, text.find('\n'));
    };
    EXPECT_EQ(begin_of(KeyKind::kP256), "-----BEGIN PRIVATE KEY-----");
    EXPECT_EQ(begin_of(KeyKind::kP521), "-----BEGIN PRIVATE KEY-----");
    EXPECT_EQ(begin_of(KeyKind::kRsa), "-----BEGIN RSA PRIVATE KEY-----");
}

}  // namespace
}  // namespace hallmark::jose
