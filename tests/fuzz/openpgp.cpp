// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever can write to a store of signatures or answer for it: a registry, the network, the host.
// Size cap: 16 KiB; signatures may have 64 KiB, keyrings 1 MiB.
#include <string>

#include "agent/image-policy/openpgp/keyring.hpp"
#include "agent/image-policy/openpgp/message.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/synthetic_openpgp.hpp"

namespace hallmark::fuzz {
namespace {

namespace pgp = test::pgp;
using image_policy::openpgp::Keyring;
using image_policy::openpgp::Tag;

constexpr std::string_view kData = "what the owner has signed";

const pgp::Signer& owner() {
    static const pgp::Signer kSigner = pgp::make_signer("Ed25519Legacy");
    return kSigner;
}
const pgp::Signer& stranger() {
    static const pgp::Signer kSigner = pgp::make_signer("P-256");
    return kSigner;
}

std::vector<Bytes> seeds() {
    const auto subkey = pgp::make_signer("Ed25519");
    const auto rsa = pgp::make_signer("RSA-2048");
    return {pgp::message(owner(), kData),
            pgp::joined({pgp::signature(owner(), {}, {as_bytes(kData)}), pgp::literal_packet(kData)}),
            pgp::packet(Tag::kCompressedData, pgp::joined({Bytes{0}, pgp::message(owner(), kData)})),
            pgp::message(rsa, kData),
            pgp::certificate(owner()),
            pgp::certificate(rsa),
            pgp::joined({pgp::certificate(owner()), pgp::bound_subkey(owner(), subkey, {})}),
            pgp::joined({pgp::certificate(owner()), pgp::packet(Tag::kPublicSubkey, stranger().body)}),
            seed("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nMTIzNDU2Nzg5\n=Ic8C\n-----END PGP PUBLIC KEY BLOCK-----\n")};
}

void try_message(ByteSpan input) {
    static const Keyring kKeys = [] {
        Keyring keys;
        require(keys.add(pgp::certificate(owner()), "keys").has_value(), "a keyring is made");
        return keys;
    }();
    const auto message = image_policy::openpgp::parse_message(input, "input");
    if (message && kKeys.verify_data(message->signature, message->data, pgp::kNow))
        require(text_of(message->data) == kData, "nobody else signs");
}

void try_keyring(ByteSpan input) {
    static const auto kMessage =
        image_policy::openpgp::parse_message(pgp::message(stranger(), kData), "message").value();
    Keyring keys;
    if (!keys.add(input, "input")) return;
    require(!keys.names().empty(), "a keyring has keys");
    require(!keys.verify_data(kMessage.signature, kMessage.data, pgp::kNow),
            "a key that vouches for nothing is not trusted");
}

void attempt(ByteSpan input) {
    try_message(input);
    try_keyring(input);
}

}  // namespace

const Target kTarget{.largest = 16 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
