// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/openpgp/signature.hpp"

#include <gtest/gtest.h>

#include "agent/image-policy/openpgp/verify.hpp"
#include "common/base64.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_openpgp.hpp"

namespace hallmark::image_policy::openpgp {
namespace {

using test::expect_error;
using namespace test::pgp;

Packet packet_of(const Bytes& bytes) { return PacketReader(bytes, "input").next().value(); }

PublicKey public_key(const Signer& signer) {
    return PublicKey::parse(packet_of(packet(Tag::kPublicKey, signer.body)), "input").value();
}

Result<Signature> parsed(const Signer& signer, const Making& making, std::string_view data = "data") {
    return Signature::parse(signature_body(signer, making, {as_bytes(data)}), "input");
}

/// RFC 9580, appendices A.1 and A.2: a key with the fingerprint that is told there, and its signature over "OpenPGP".
TEST(Verify, AgreesWithTheSamplesOfTheRfc) {
    const Bytes key_packet =
        from_base64("xjMEU/NfCxYJKwYBBAHaRw8BAQdAPwmJlL3ZFu1AUxl5NOSofIBzOhKA1i+AEJkuQ+47JAY=").value();
    const auto key = PublicKey::parse(packet_of(key_packet), "key");
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ(to_upper_hex(key->fingerprint()), "C959BDBAFA32A2F89A153B678CFDE12197965A9A");
    const Bytes signature_packet = from_base64(
                                       "iF4EABYIAAYFAlX5X5UACgkQjP3hIZeWWpr2IgD/VvkMypjiECY3vZg/2xbBMd/"
                                       "Sftgr9N3lYG4NdWrtM2YBANCcT6EVJ/A44PV/IgHYLy6i"
                                       "yQMyZfps60iehUuuYbQE")
                                       .value();
    const auto signature = Signature::parse(packet_of(signature_packet).body, "signature");
    ASSERT_TRUE(signature) << signature.error().message;
    EXPECT_EQ(signature->issuer(), "8CFDE12197965A9A");
    EXPECT_TRUE(signature->names(*key));
    EXPECT_TRUE(verify(*signature, *key, {as_bytes("OpenPGP")}, "signature"));
    expect_error(verify(*signature, *key, {as_bytes("OpenPGp")}, "signature"), {"8CFDE12197965A9A did not make it"},
                 Fault::kNo);
}

TEST(Verify, TakesEveryAlgorithmAndHash) {
    for (const auto* kind : {"RSA-2048", "P-256", "P-384", "P-521", "Ed25519", "Ed25519Legacy"}) {
        const Signer signer = make_signer(kind);
        const PublicKey key = public_key(signer);
        for (const auto hash : {HashAlgorithm::kSha256, HashAlgorithm::kSha384, HashAlgorithm::kSha512}) {
            Making making;
            making.hash = hash;
            const auto signature = parsed(signer, making);
            ASSERT_TRUE(signature) << kind << ": " << signature.error().message;
            EXPECT_TRUE(verify(*signature, key, {as_bytes("da"), as_bytes("ta")}, "it")) << kind;
            expect_error(verify(*signature, key, {as_bytes("date")}, "it"), {"did not make it"}, Fault::kNo);
        }
    }
}

TEST(Verify, RefusesAnotherKeyAndAnotherAlgorithm) {
    const Signer signer = make_signer("P-256");
    const auto signature = parsed(signer, {});
    expect_error(verify(*signature, public_key(make_signer("P-256")), {as_bytes("data")}, "it"), {"did not make it"},
                 Fault::kNo);
    expect_error(verify(*signature, public_key(make_signer("RSA-2048")), {as_bytes("data")}, "it"),
                 {"algorithm 19", "of 1"}, Fault::kNo);
    expect_error(verify(*signature, public_key(make_signer("RSA-1024")), {as_bytes("data")}, "it"),
                 {"RSA of 1024 bits", "2048"}, Fault::kNo);
}

/// Every bit of what is hashed matters, and of the numbers.
TEST(Verify, RefusesEveryChangedBit) {
    const Signer signer = make_signer("Ed25519");
    const PublicKey key = public_key(signer);
    const Bytes body = signature_body(signer, {}, {as_bytes("data")});
    const std::size_t unhashed_begin = 6 + (std::size_t{body[4]} << 8 | body[5]);
    const std::size_t unhashed_end =
        unhashed_begin + 2 + (std::size_t{body[unhashed_begin]} << 8 | body[unhashed_begin + 1]);
    for (std::size_t bit = 0; bit < body.size() * 8; ++bit) {
        if (bit / 8 >= unhashed_begin && bit / 8 < unhashed_end) continue;  // the hint where to look
        Bytes changed = body;
        changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ 1U << bit % 8);
        const auto signature = Signature::parse(changed, "it");
        EXPECT_FALSE(signature && verify(*signature, key, {as_bytes("data")}, "it")) << "bit " << bit;
    }
}

TEST(Signature, RefusesOldHashesAndOtherVersions) {
    const Signer signer = make_signer("Ed25519Legacy");
    Making making;
    making.hash = static_cast<HashAlgorithm>(2);
    expect_error(parsed(signer, making), {"hash algorithm 2 (SHA-1)"});
    for (const std::uint8_t version : Bytes{3, 5, 6}) {
        making = {};
        making.version = version;
        expect_error(parsed(signer, making), {"version " + std::to_string(version), "version 4"});
    }
}

TEST(Signature, RefusesSubpacketsThatItDoesNotKnowWhereTheyAreCritical) {
    const Signer signer = make_signer("Ed25519Legacy");
    Making making;
    making.more_hashed = subpacket(100, Bytes{1});
    EXPECT_TRUE(parsed(signer, making));
    for (const std::uint8_t type : Bytes{100, 20, 6, 35}) {
        making.more_hashed = subpacket(static_cast<std::uint8_t>(type | 0x80), Bytes{1});
        expect_error(parsed(signer, making), {"critical subpacket " + std::to_string(type)});
    }
    making.more_hashed = subpacket(0x80 | 25, Bytes{1});  // which user ID is the first: known, of no meaning here
    EXPECT_TRUE(parsed(signer, making));
}

TEST(Signature, RefusesSubpacketsThatAreWrong) {
    const Signer signer = make_signer("Ed25519Legacy");
    Making making;
    making.more_hashed = subpacket(2, big_endian(kMade + 1, 4));
    expect_error(parsed(signer, making), {"subpacket 2 stands twice"});
    making.more_hashed = subpacket(3, Bytes{1, 2});
    expect_error(parsed(signer, making), {"expiry", "expected 4"});
    making.more_hashed = Bytes{0};
    expect_error(parsed(signer, making), {"subpacket of no bytes"});
    making.more_hashed = Bytes{9, 1};
    expect_error(parsed(signer, making), {"subpackets", "1 bytes left"});
    making = {};
    making.created.reset();
    expect_error(parsed(signer, making), {"no time of creation"});
}

/// What is not signed says nothing of expiry: somebody could have put it there, or another time of creation.
TEST(Signature, TakesTimesOnlyFromWhatIsSigned) {
    const Signer signer = make_signer("Ed25519Legacy");
    Making making;
    making.expires_after = 5;
    making.more_unhashed = joined({subpacket(2, big_endian(1, 4)), subpacket(3, big_endian(0, 4))});
    const auto signature = parsed(signer, making);
    ASSERT_TRUE(signature) << signature.error().message;
    EXPECT_EQ(signature->says.created, kMade);
    EXPECT_EQ(signature->says.expires_after, 5U);
}

TEST(PublicKey, KeepsKeysThatVerifyNothingAndRefusesBrokenOnes) {
    const Bytes elgamal = joined({Bytes{4, 0, 0, 0, 1, 16}, Bytes(20, 1)});
    const auto key = PublicKey::parse(packet_of(packet(Tag::kPublicSubkey, elgamal)), "input");
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ(key->handle(), nullptr);
    EXPECT_NE(key->why_not().find("algorithm 16"), std::string::npos);

    Bytes point = make_signer("P-256").body;
    point.back() ^= 1;
    expect_error(PublicKey::parse(packet_of(packet(Tag::kPublicKey, point)), "input"), {"not on the curve P-256"});
    expect_error(PublicKey::parse(packet_of(packet(Tag::kPublicKey, Bytes{3, 0})), "input"), {"version 3"});
    Bytes longer = make_signer("Ed25519").body;
    longer.push_back(0);
    expect_error(PublicKey::parse(packet_of(packet(Tag::kPublicKey, longer)), "input"), {"1 bytes left over"});
}

}  // namespace
}  // namespace hallmark::image_policy::openpgp
