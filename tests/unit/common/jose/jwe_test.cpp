// SPDX-License-Identifier: Apache-2.0
// What the texts mean is checked against another implementation in tests/integration/test_jose.py.
#include "common/jose/jwe.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "common/base64.hpp"

namespace hallmark::jose {
namespace {

constexpr std::string_view kPlaintext = "a key that only one guest may have";

class Jwe : public testing::TestWithParam<KeyKind> {
protected:
    static std::string decrypted(const Json& jwe, const KeyPair& key) {
        const auto secret = decrypt(jwe, key);
        if (!secret) return "refused: " + secret.error().message;
        return {reinterpret_cast<const char*>(secret->bytes().data()), secret->bytes().size()};
    }
    static Json header_of(const Json& jwe) {
        const auto bytes = from_base64url(jwe["protected"].get<std::string>()).value();
        return parse_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, "header").value();
    }
    static Json with_header(Json jwe, const Json& header) {
        jwe["protected"] = to_base64url(as_bytes(header.dump()));
        return jwe;
    }
};

TEST_P(Jwe, ComesBackAndHasTheShapeOfTheKbsProtocol) {
    const auto key = KeyPair::generate(GetParam()).value();
    const auto jwe = encrypt(as_bytes(kPlaintext), key.public_key()).value();
    EXPECT_EQ(decrypted(jwe, key), kPlaintext);
    EXPECT_TRUE(JsonObject::of(jwe, "jwe")->only({"protected", "encrypted_key", "iv", "ciphertext", "tag"}));
    const auto header = header_of(jwe);
    EXPECT_EQ(header["alg"], name_of(key.public_key().algorithm()));
    EXPECT_EQ(header["enc"], "A256GCM");
    EXPECT_EQ(header.size(), GetParam() == KeyKind::kRsa ? 2U : 3U);
    if (GetParam() != KeyKind::kRsa) {
        EXPECT_TRUE(JsonObject::of(header["epk"], "epk")->only({"crv", "kty", "x", "y"}));
        EXPECT_EQ(header["epk"]["crv"], key.public_key().json()["crv"]);
    }
    const auto again = encrypt(as_bytes(kPlaintext), key.public_key()).value();
    for (const auto& [member, value] : jwe.items()) {
        if (GetParam() == KeyKind::kRsa && member == "protected") continue;  // holds no key
        EXPECT_NE(again[member], value) << member;
    }
}

TEST_P(Jwe, AnyChangedMemberIsRefused) {
    const auto key = KeyPair::generate(GetParam()).value();
    const auto jwe = encrypt(as_bytes(kPlaintext), key.public_key()).value();
    for (const auto* member : {"encrypted_key", "iv", "ciphertext", "tag"}) {
        const auto bytes = from_base64url(jwe[member].get<std::string>()).value();
        for (const std::size_t at : {std::size_t{0}, bytes.size() / 2, bytes.size() - 1}) {
            auto changed = bytes;
            changed[at] ^= 1;
            auto bad = jwe;
            bad[member] = to_base64url(changed);
            EXPECT_EQ(decrypted(bad, key), "refused: JWE: not encrypted to this key, or changed since") << member;
        }
        auto missing = jwe;
        missing.erase(member);
        EXPECT_NE(decrypted(missing, key), kPlaintext) << member;
    }
    // The protected header is authenticated as it stands: the same header written otherwise is another.
    auto spaced = jwe;
    spaced["protected"] = to_base64url(as_bytes(header_of(jwe).dump(1)));
    EXPECT_EQ(decrypted(spaced, key), "refused: JWE: not encrypted to this key, or changed since");
    EXPECT_EQ(decrypted(jwe, KeyPair::generate(GetParam()).value()),
              "refused: JWE: not encrypted to this key, or changed since");
}

TEST_P(Jwe, OnlyTheAlgorithmsOfTheProtocol) {
    const auto key = KeyPair::generate(GetParam()).value();
    const auto jwe = encrypt(as_bytes(kPlaintext), key.public_key()).value();
    for (const auto* algorithm :
         {"dir", "RSA1_5", "RSA-OAEP", "ECDH-ES", "ECDH-ES+A128KW", "A256KW", "PBES2-HS256+A128KW"}) {
        auto header = header_of(jwe);
        header["alg"] = algorithm;
        EXPECT_NE(decrypted(with_header(jwe, header), key).find("refused: JWE header: alg: found another algorithm"),
                  std::string::npos);
    }
    for (const auto* encryption : {"A128GCM", "A256CBC-HS512", "none"}) {
        auto header = header_of(jwe);
        header["enc"] = encryption;
        EXPECT_NE(decrypted(with_header(jwe, header), key).find("refused: JWE header: enc: found another algorithm"),
                  std::string::npos);
    }
    for (const auto* parameter : {"zip", "crit", "apu", "apv", "p2c"}) {
        auto header = header_of(jwe);
        header[parameter] = "DEF";
        EXPECT_NE(decrypted(with_header(jwe, header), key).find("unknown key"), std::string::npos) << parameter;
    }
}

TEST_P(Jwe, NothingOutsideTheProtectedHeaderIsRead) {
    const auto key = KeyPair::generate(GetParam()).value();
    const auto jwe = encrypt(as_bytes(kPlaintext), key.public_key()).value();
    for (const auto* member : {"header", "unprotected", "aad", "recipients"}) {
        auto more = jwe;
        more[member] = Json::object();
        EXPECT_NE(decrypted(more, key).find("unknown key"), std::string::npos) << member;
    }
    for (const auto& value : {Json(5), Json(nullptr), Json("***"), Json(std::string(20000, 'A'))}) {
        auto bad = jwe;
        bad["protected"] = value;
        EXPECT_NE(decrypted(bad, key), kPlaintext);
    }
    EXPECT_FALSE(decrypt(Json::array(), key));
    for (const auto& [member, text] :
         {std::pair("iv", "AAAA"), std::pair("tag", "AAAA"), std::pair("encrypted_key", "")}) {
        auto bad = jwe;
        bad[member] = text;
        EXPECT_NE(decrypted(bad, key).find(std::string("JWE: ") + member), std::string::npos);
    }
}

INSTANTIATE_TEST_SUITE_P(Kinds, Jwe, testing::Values(KeyKind::kP256, KeyKind::kP384, KeyKind::kP521, KeyKind::kRsa));

TEST(JweEphemeral, AKeyOfAnotherCurveOrNoCurveIsRefused) {
    const auto key = KeyPair::generate(KeyKind::kP256).value();
    const auto jwe = encrypt(as_bytes(kPlaintext), key.public_key()).value();
    const auto text = from_base64url(jwe["protected"].get<std::string>()).value();
    const auto header = parse_json({reinterpret_cast<const char*>(text.data()), text.size()}, "header").value();
    const auto refusal = [&](const Json& ephemeral) {
        auto changed = header;
        changed["epk"] = ephemeral;
        auto bad = jwe;
        bad["protected"] = to_base64url(as_bytes(changed.dump()));
        const auto secret = decrypt(bad, key);
        return secret ? "accepted" : secret.error().message;
    };
    auto other = KeyPair::generate(KeyKind::kP384)->public_key().json();
    EXPECT_NE(refusal(other).find("not on the curve of the key"), std::string::npos);
    EXPECT_NE(refusal(KeyPair::generate(KeyKind::kRsa)->public_key().json()), "accepted");
    auto off = header["epk"];
    off["y"] = off["x"];
    EXPECT_NE(refusal(off).find("not on the curve P-256"), std::string::npos);
    auto with_private = header["epk"];
    with_private["d"] = with_private["x"];
    EXPECT_NE(refusal(with_private).find("private member"), std::string::npos);
    EXPECT_NE(refusal("text"), "accepted");
}

TEST(JweSize, EmptyAndLargeSecretsAndNoLarger) {
    const auto key = KeyPair::generate(KeyKind::kP256).value();
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kLongestPlaintext}) {
        const Bytes plaintext(size, 0x5a);
        const auto jwe = encrypt(plaintext, key.public_key()).value();
        EXPECT_TRUE(equal(decrypt(jwe, key).value().bytes(), plaintext)) << size;
    }
    EXPECT_FALSE(encrypt(Bytes(kLongestPlaintext + 1), key.public_key()));
}

}  // namespace
}  // namespace hallmark::jose
