// SPDX-License-Identifier: Apache-2.0
// Attacker: a guest, or the host below it, with evidence in JSON for a broker that trusts AMD's roots and one more.
// Size cap: 32 KiB; a report and three certificates have 25.
#include "common/formats/snp_evidence.hpp"
#include "common/json_bytes.hpp"
#include "relying-party/verifier/snp/verify.hpp"
#include "tests/fuzz/proof/known.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

const verifier::SnpTrust& trust() {
    static const verifier::SnpTrust kTrust = [] {
        verifier::SnpTrust made;
        made.roots.simulated = {known().endorsements.ark};
        made.at = kIn2026;
        return made;
    }();
    return kTrust;
}

std::vector<Bytes> seeds() {
    const auto evidence = snp::evidence_of(known().evidence.report, known().evidence.certificates).value();
    return {seed(text_with_bytes(snp::evidence_json(evidence).value()))};
}

void attempt(ByteSpan input) {
    const auto json = parse_json(text_of(input), "input");
    if (!json) return;
    const auto evidence = snp::parse_evidence_json(*json);
    if (!evidence) return;
    const auto verified = verifier::verify_snp(*evidence, trust());
    if (!verified) return;
    require(verified->simulated, "what the simulated root stands for says so");
    require(equal(ByteSpan(evidence->report).first(snp::kSignedSize), as_bytes(known().report).first(snp::kSignedSize)),
            "only the report that was signed is verified");
}

}  // namespace

const Target kTarget{.largest = 32 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
