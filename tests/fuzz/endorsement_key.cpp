// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever presents a certificate as that of a chip: signed by no one, so that no check stops it before the
// reader of its extensions, or in place of the one that the chain was made for.
// Size cap: 8 KiB; a VCEK has 1.4.
#include "relying-party/verifier/snp/endorsement_key.hpp"

#include "relying-party/verifier/snp/chain.hpp"
#include "tests/fuzz/proof/known.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    const auto& [vcek, ask, ark] = known().endorsements;
    return {vcek, ask};
}

openssl::Certificate certificate_of(ByteSpan der) {
    const unsigned char* cursor = der.data();
    openssl::Certificate certificate(d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
    ERR_clear_error();
    return certificate;
}

const verifier::EndorsementKey& known_key() {
    static const auto key =
        verifier::read_endorsement_key(*certificate_of(known().endorsements.vcek), verifier::KeyKind::kVcek).value();
    return key;
}

void attempt(ByteSpan input) {
    const auto leaf = certificate_of(input);
    if (!leaf) return;
    (void)verifier::read_endorsement_key(*leaf, verifier::KeyKind::kVlek);
    (void)verifier::verify_signature(known().report, *leaf);
    const auto key = verifier::read_endorsement_key(*leaf, verifier::KeyKind::kVcek);
    if (!key) return;
    (void)verifier::check_platform(known().report, *key, /* simulated= */ true);
    static const auto ask = certificate_of(known().endorsements.ask);
    static const auto ark = certificate_of(known().endorsements.ark);
    const verifier::SnpRoots roots{.amd = true, .simulated = {known().endorsements.ark}};
    verifier::ChainBuilder builder(roots, kIn2026);
    builder.offer(*ask);
    builder.offer(*ark);
    if (!builder.verify(*leaf, *key)) return;
    require(key->tcb == known_key().tcb && key->hardware_id == known_key().hardware_id &&
                key->product_name == known_key().product_name,
            "a VCEK that is verified says what was signed");
}

}  // namespace

const Target kTarget{.largest = 8 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
