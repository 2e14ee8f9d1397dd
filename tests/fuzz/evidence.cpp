// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever made a file that someone verifies.
// Size cap: 16 KiB; a quote with its certificates has 5, a report in JSON 8.
#include "relying-party/verifier/evidence.hpp"

#include <variant>

#include "common/formats/snp_report.hpp"
#include "common/formats/tdx_quote.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    Bytes quote(5000);
    quote[0] = 4;
    quote[4] = 0x81;
    return {Bytes(sizeof(snp::AttestationReport), 2), quote, seed(R"({"cc_eventlog":null,"quote":"BAACAIEAAAA="})"),
            seed(R"({"attestation_report":{},"cert_chain":null})")};
}

void attempt(ByteSpan input) {
    const auto evidence = verifier::read_evidence(input, "input");
    if (!evidence) return;
    if (const auto* snp = std::get_if<snp::Evidence>(&*evidence))
        require(snp->report.size() == sizeof(snp::AttestationReport), "a report has its size");
}

}  // namespace

const Target kTarget{.largest = 16 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
