// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever presents a certificate as that of a chip: signed by no one, so that no check stops it before the
// reader of its extensions, or in place of the one that the chain was made for.
// Size cap: 8 KiB; a VCEK has 1.4.
#include "relying-party/verifier/snp/vcek.hpp"

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

const verifier::VcekFacts& known_facts() {
    static const auto facts = verifier::read_vcek(*certificate_of(known().endorsements.vcek)).value();
    return facts;
}

void attempt(ByteSpan input) {
    if (const auto certificate = certificate_of(input)) {
        (void)verifier::read_vcek(*certificate);
        (void)verifier::verify_signature(known().report, *certificate);
    }
    verifier::Endorsements replaced = known().endorsements;
    replaced.vcek.assign(input.begin(), input.end());
    const auto verified = verifier::verify_chain(replaced, known().endorsements.ark, kIn2026);
    if (!verified) return;
    const auto facts = verifier::read_vcek(**verified);
    require(facts && facts->tcb == known_facts().tcb && facts->hardware_id == known_facts().hardware_id &&
                facts->product_name == known_facts().product_name,
            "a VCEK that is verified says what was signed");
}

}  // namespace

const Target kTarget{.largest = 8 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
