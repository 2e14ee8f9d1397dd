// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/openpgp/keyring.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_openpgp.hpp"

namespace hallmark::image_policy::openpgp {
namespace {

using test::expect_error;
using namespace test::pgp;

const Signer& owner() {
    static const Signer kSigner = make_signer("Ed25519Legacy");
    return kSigner;
}

const Signer& other() {
    static const Signer kSigner = make_signer("P-256");
    return kSigner;
}

Result<std::string> verified(const Bytes& keyring, const Signer& signer, const Making& making = {}) {
    Keyring keys;
    HALLMARK_CHECK(keys.add(keyring, "keyring"));
    HALLMARK_TRY(const Signature signature,
                 Signature::parse(signature_body(signer, making, {as_bytes("data")}), "signature"));
    return keys.verify_data(signature, as_bytes("data"), kNow);
}

void refuses(const Bytes& keyring, const Signer& signer, std::initializer_list<std::string_view> words,
             const Making& making = {}) {
    expect_error(verified(keyring, signer, making), words, Fault::kNo);
}

Bytes revocation(const Signer& by, SignatureType type, std::initializer_list<ByteSpan> data) {
    Making making;
    making.type = type;
    return signature(by, making, data);
}

TEST(Keyring, AcceptsItsKeysAndNamesThem) {
    const auto answer = verified(joined({certificate(other()), certificate(owner())}), owner());
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(*answer, "key " + to_upper_hex(owner().fingerprint()));
    refuses(certificate(other()), owner(),
            {to_upper_hex(owner().id()), "expected key " + to_upper_hex(other().fingerprint())});
}

TEST(Keyring, NeedsASelfSignatureThatHolds) {
    const Bytes bare = packet(Tag::kPublicKey, owner().body);
    refuses(bare, owner(), {"no self-signature"});
    const Bytes id = packet(Tag::kUserId, as_bytes(kName));
    const Bytes by_other = signature(other(), self_making(), {owner().hashed(), user_id_hashed(kName)});
    refuses(joined({bare, id, by_other}), owner(), {"no self-signature"});
    const Bytes over_other_name =
        signature(owner(), self_making(), {owner().hashed(), user_id_hashed("Somebody else")});
    refuses(joined({bare, id, over_other_name}), owner(), {"no self-signature", "did not make it"});
    Making sha1 = self_making();
    sha1.hash = static_cast<HashAlgorithm>(2);
    refuses(certificate(owner(), sha1), owner(), {"no self-signature", "SHA-1"});
    Making direct = self_making();
    direct.type = SignatureType::kDirectKey;
    EXPECT_TRUE(verified(joined({bare, signature(owner(), direct, {owner().hashed()})}), owner()));
}

TEST(Keyring, RefusesKeysThatExpired) {
    Making self = self_making();
    self.key_expires_after = static_cast<std::uint32_t>(kNow - kMade);
    refuses(certificate(owner(), self), owner(), {"key " + to_upper_hex(owner().id()) + " expired 0 seconds ago"});
    self.key_expires_after += 1;
    EXPECT_TRUE(verified(certificate(owner(), self), owner()));
    // The newest self-signature counts: its owner has made the life of the key shorter, or longer.
    Making newer = self_making();
    newer.created = kMade + 1;
    newer.key_expires_after = 1;
    const Bytes shorter = signature(owner(), newer, {owner().hashed(), user_id_hashed(kName)});
    refuses(joined({certificate(owner()), shorter}), owner(), {"expired"});
    self.key_expires_after = 1;
    newer.key_expires_after = 0;
    const Bytes longer = signature(owner(), newer, {owner().hashed(), user_id_hashed(kName)});
    EXPECT_TRUE(verified(joined({certificate(owner(), self), longer}), owner()));
}

TEST(Keyring, RefusesSignaturesOutOfTime) {
    const Bytes keyring = certificate(owner());
    Making making;
    making.created = static_cast<std::uint32_t>(kNow) + 1;
    refuses(keyring, owner(), {"1 seconds after now"}, making);
    making.created = kMade - 1;
    refuses(keyring, owner(), {"older than its key"}, making);
    making.created = static_cast<std::uint32_t>(kNow) - kDay;
    making.expires_after = kDay;
    refuses(keyring, owner(), {"expired 0 seconds ago"}, making);
    making.expires_after = kDay + 1;
    EXPECT_TRUE(verified(keyring, owner(), making));
}

TEST(Keyring, RefusesRevokedKeys) {
    const Bytes key = packet(Tag::kPublicKey, owner().body);
    const Bytes rest = joined({packet(Tag::kUserId, as_bytes(kName)),
                               signature(owner(), self_making(), {owner().hashed(), user_id_hashed(kName)})});
    const auto type = SignatureType::kKeyRevocation;
    refuses(joined({key, revocation(owner(), type, {owner().hashed()}), rest}), owner(), {"revoked"});
    // Of somebody else, and nobody was named who may.
    EXPECT_TRUE(verified(joined({key, revocation(other(), type, {owner().hashed()}), rest}), owner()));
    EXPECT_TRUE(verified(joined({key, revocation(owner(), type, {other().hashed()}), rest}), owner()));
    Making naming;
    naming.type = SignatureType::kDirectKey;
    naming.more_hashed = subpacket(12, joined({Bytes{0x80, 19}, other().fingerprint()}));
    refuses(joined({key, signature(owner(), naming, {owner().hashed()}), revocation(other(), type, {owner().hashed()}),
                    rest}),
            owner(), {"revoked"});
    Making sha1;
    sha1.type = type;
    sha1.hash = static_cast<HashAlgorithm>(2);
    refuses(joined({key, signature(owner(), sha1, {owner().hashed()}), rest}), owner(), {"revoked"});
    // Whoever hands the keyring on can take the issuer's ID away, or write another: it is not signed.
    Making unnamed;
    unnamed.type = type;
    unnamed.names_issuer = false;
    refuses(joined({key, signature(owner(), unnamed, {owner().hashed()}), rest}), owner(), {"revoked"});
    unnamed.more_unhashed = subpacket(16, other().id());
    refuses(joined({key, signature(owner(), unnamed, {owner().hashed()}), rest}), owner(), {"revoked"});
}

TEST(Keyring, PassesOverRevokedUserIds) {
    const auto revoked_id =
        revocation(owner(), SignatureType::kCertificationRevocation, {owner().hashed(), user_id_hashed(kName)});
    refuses(joined({certificate(owner()), revoked_id}), owner(), {"no self-signature"});
}

TEST(Keyring, HeedsWhatAKeyIsFor) {
    Making self = self_making();
    self.flags = kMayCertify;
    refuses(certificate(owner(), self), owner(), {"not meant for signing"});
    self.flags.reset();
    EXPECT_TRUE(verified(certificate(owner(), self), owner()));
}

TEST(Keyring, AcceptsBoundSubkeys) {
    const auto answer = verified(joined({certificate(owner()), bound_subkey(owner(), other(), {})}), other());
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(*answer, "subkey " + to_upper_hex(other().id()) + " of key " + to_upper_hex(owner().fingerprint()));
}

TEST(Keyring, RefusesSubkeysThatAreNotBound) {
    const Bytes key = certificate(owner());
    refuses(joined({key, packet(Tag::kPublicSubkey, other().body)}), other(), {"no binding"});
    refuses(joined({key, bound_subkey(owner(), other(), {}, false)}), other(),
            {"own signature over the binding is missing"});
    // Bound by the subkey itself, or to another key.
    refuses(joined({key, bound_subkey(other(), other(), {})}), other(), {"no binding"});
    const Signer third = make_signer("Ed25519");
    refuses(joined({key, bound_subkey(third, other(), {})}), other(), {"no binding"});
    // Taken over by somebody who cannot make the subkey say so.
    Making stolen;
    Making back;
    back.type = SignatureType::kPrimaryKeyBinding;
    stolen.more_unhashed = subpacket(32, signature_body(other(), back, {third.hashed(), other().hashed()}));
    refuses(joined({key, bound_subkey(owner(), other(), stolen, false)}), other(), {"did not make it"});
    back.type = SignatureType::kBinary;
    stolen.more_unhashed = subpacket(32, signature_body(other(), back, {owner().hashed(), other().hashed()}));
    refuses(joined({key, bound_subkey(owner(), other(), stolen, false)}), other(), {"another type"});
}

TEST(Keyring, RefusesSubkeysThatExpiredOrWereRevokedOrDoNotSign) {
    const Bytes key = certificate(owner());
    Making binding;
    binding.key_expires_after = kDay;
    refuses(joined({key, bound_subkey(owner(), other(), binding)}), other(), {to_upper_hex(other().id()) + " expired"});
    binding = {};
    binding.flags = std::uint8_t{0x0c};
    refuses(joined({key, bound_subkey(owner(), other(), binding)}), other(), {"not meant for signing"});
    const Bytes revoked = revocation(owner(), SignatureType::kSubkeyRevocation, {owner().hashed(), other().hashed()});
    refuses(joined({key, bound_subkey(owner(), other(), {}), revoked}), other(), {"revoked"});
    // The primary key's end is the subkeys' end.
    Making self = self_making();
    self.key_expires_after = kDay;
    refuses(joined({certificate(owner(), self), bound_subkey(owner(), other(), {})}), other(), {"expired"});
}

TEST(Keyring, TakesOnlySignaturesOverBinaryData) {
    Making making;
    making.type = SignatureType::kDirectKey;
    refuses(certificate(owner()), owner(), {"type 31"}, making);
}

TEST(Keyring, RefusesWhatIsNoKeyring) {
    Keyring keys;
    expect_error(keys.add(packet(Tag::kUserId, as_bytes(kName)), "keys"), {"keys", "user ID packet before any key"});
    expect_error(keys.add(packet(Tag::kMarker, as_bytes("PGP")), "keys"), {"no key in this keyring"});
    expect_error(keys.add(packet(Tag::kSecretKey, owner().body), "keys"), {"private key", "gpg --export"});
    expect_error(keys.add(literal_packet("x"), "keys"), {"literal data packet", "no keyring has"});
    expect_error(keys.add(Bytes(kLargestKeyring + 1, 0x99), "keys"), {"at most 1048576"});
    Bytes many;
    for (std::size_t i = 0; i <= kMostKeyringPackets; ++i) append(many, Bytes{0xca, 0});
    expect_error(keys.add(many, "keys"), {"more than 4096 packets"});
}

}  // namespace
}  // namespace hallmark::image_policy::openpgp
