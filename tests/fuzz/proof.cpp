// SPDX-License-Identifier: Apache-2.0
// Attacker: a guest, or the host below it, with evidence of its own making for a challenger who trusts one root.
// Size cap: 16 KiB; a report and three certificates have 6.
#include "common/formats/snp_certificates.hpp"
#include "tests/fuzz/proof/known.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    guest_port::Evidence without_root = known().evidence;
    const auto& [vcek, ask, ark] = known().endorsements;
    without_root.certificates =
        snp::encode_certificate_table(std::vector<snp::TableCertificate>{{snp::kVcekGuid, vcek}, {snp::kAskGuid, ask}});
    return {known().payload, guest_port::encode_evidence(without_root)};
}

void attempt(ByteSpan input) {
    const auto evidence = guest_port::parse_evidence(input);
    if (!evidence) return;
    const auto proven = verifier::prove(evidence->report, evidence->certificates, known().endorsements.ark,
                                        known().expected(), kIn2026);
    if (proven)
        require(equal(as_bytes(*proven).first(snp::kSignedSize), as_bytes(known().report).first(snp::kSignedSize)),
                "only the report that was signed is proven");
}

}  // namespace

const Target kTarget{.largest = 16 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
