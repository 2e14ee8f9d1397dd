// SPDX-License-Identifier: Apache-2.0
// A guest whose key is known: the private key of RFC 7517, appendix A.2. Digest and JWE are made with Python's hashlib
// and python3-cryptography from the text of the protocol.
#pragma once

#include <string>
#include <string_view>

#include "common/jose/jwk.hpp"

namespace hallmark::kbs::test {

inline constexpr std::string_view kKeyPem = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg870MB6gfuTJ4HtUn
UvYMyJpr5eUZNP4Bk43bVdj3eAGhRANCAAQwoEJM0hwpRIOKLXXJKzfnbqINnwCJ
OjtO7oo8Cq/sPuBLZekkVtmIi1Kzeb371R7oae8fD8ZbZllpW2zOCBcj
-----END PRIVATE KEY-----
)";
inline constexpr std::string_view kKeyJson =
    R"({"kty":"EC","crv":"P-256","alg":"ECDH-ES+A256KW","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",)"
    R"("y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"})";
inline constexpr std::string_view kNonce = "4OHi4+Tl5ufo6err7O3u7/Dx8vP09fb3+Pn6+/z9/v8=";
/// SHA-384 of {"additional-evidence":"","nonce":kNonce,"tee-pubkey":{"alg":…,"crv":…,"kty":…,"x":…,"y":…}}.
inline constexpr std::string_view kDigest =
    "3aa36957a28574a2bd8e24b7d5a487d499758303d8c63b6fe575c8c48021b4dd70b42bcc7c738a7fc2ea54c877b044f3";
inline constexpr std::string_view kToken = "eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl";
inline constexpr std::string_view kSecret = "the secret of one guest";
/// kSecret for the key.
inline constexpr std::string_view kJwe =
    R"({"protected":"eyJhbGciOiJFQ0RILUVTK0EyNTZLVyIsImVuYyI6IkEyNTZHQ00iLCJlcGsiOnsiY3J2IjoiUC0yNTYiLCJrdHkiOiJFQyI)"
    R"(sIngiOiJpaHhMaTJGbVB5dDR1QkhncGxwdXZUdWhidTl3LUh2OUdZc0V4dHBhbDJNIiwieSI6ImRwZ1JrUTFoWDRFWXpld29CeWphWlJUT05E)"
    R"(el82S3VzNXR1bWVlYTlmRzQifX0","encrypted_key":"LH_khRQxJvP-Ycb8tu98iKmyoJye7H8f4kkMNPK94QcbsQdYXAhN1g",)"
    R"("iv":"qW01Ahb3dJw0wIxK","ciphertext":"FJk80OrvrAxwYwOGDtLmZWT9JCqtWVo","tag":"-IUWqCeDxq2NthFsibcf8Q"})";

inline jose::KeyPair known_key() { return jose::KeyPair::from_pem(as_bytes(kKeyPem), "known key").value(); }

inline std::string challenge_body(std::string_view nonce) {
    return R"({"nonce":")" + std::string(nonce) + R"(","extra-params":""})";
}

}  // namespace hallmark::kbs::test
