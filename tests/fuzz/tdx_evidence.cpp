// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever attests to a key broker.
// Size cap: 64 KiB; what is in the two texts changes nothing.
#include "common/formats/tdx_evidence.hpp"

#include "common/formats/event_log.hpp"
#include "common/formats/tdx_quote.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    return {seed(R"({"cc_eventlog":"Zm9vYg==","quote":"Zm9v"})"), seed(R"({"cc_eventlog":null,"quote":"Zm8="})"),
            seed(R"({"quote":"Zm9v","cc_eventlog":""})")};
}

void attempt(ByteSpan input) {
    const auto json = parse_json(text_of(input), "input");
    if (!json) return;
    const auto evidence = tdx::parse_evidence(*json, "input");
    if (!evidence) return;
    require(!evidence->quote.empty() && evidence->quote.size() <= tdx::kLargestQuote + 2, "a quote has a size");
    const auto again = tdx::parse_evidence(tdx::to_json(*evidence), "its own output");
    require(again && again->quote == evidence->quote && again->event_log == evidence->event_log,
            "what is written is what was read");
}

}  // namespace

const Target kTarget{.largest = 64 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
