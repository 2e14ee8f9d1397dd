// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever answers a guest in place of its broker: the network, the host.
// Size cap: 16 KiB; the parts have limits of their own, the longest 4 MiB.
#include "common/jose/jwe.hpp"

#include "common/json.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

const jose::KeyPair& key() {
    static const auto kKey = jose::KeyPair::generate(jose::KeyKind::kP256);
    require(kKey.has_value(), "a key pair is made");
    return *kKey;
}

std::vector<Bytes> seeds() {
    const auto jwe = jose::encrypt(as_bytes("secret"), key().public_key());
    require(jwe.has_value(), "a secret is encrypted");
    const auto text = jwe->dump();
    require(jose::decrypt(*jwe, key()).has_value(), "and decrypted");
    return {
        seed(text),
        seed(R"({"protected":"eyJhbGciOiJkaXIifQ","encrypted_key":"AA","iv":"AAAAAAAAAAAAAAAA","ciphertext":"",)"
             R"("tag":"AAAAAAAAAAAAAAAAAAAAAA"})"),
        seed(R"({"protected":"e30","unprotected":{"alg":"dir"},"ciphertext":"AA"})"),
    };
}

void attempt(ByteSpan input) {
    const auto jwe = parse_json(text_of(input), "input");
    if (!jwe) return;
    const auto secret = jose::decrypt(*jwe, key());
    if (secret) require(equal(secret->bytes(), as_bytes("secret")), "nobody else makes what this key decrypts");
}

}  // namespace

const Target kTarget{.largest = 16 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
