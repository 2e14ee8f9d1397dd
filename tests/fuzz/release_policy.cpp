// SPDX-License-Identifier: Apache-2.0
// Attacker: who hands an owner a policy, or holds an administrator's token; and the guest that asks.
// Size cap: 64 KiB, the largest policy.
#include "relying-party/appraisal/release_policy.hpp"

#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

using appraisal::Tier;

std::vector<Bytes> seeds() {
    return {
        seed("version = 1\n[[rule]]\nname = 'r'\npath = 'a/b/c'\nverdict = 'warning'\ntee = ['snp', 'tdx']\n"
             "claims = [{ claim = '/x/0', bits_set = 1 }]\ninit_data = ['none', '" +
             std::string(64, 'a') +
             "']\ninit_data_claims = [{ claim = '/aa.toml', one_of = [1, 'x'] }]\nsimulated = true\n"
             "[[rule]]\nname = 's'\npath = 'a/*/*'\n")};
}

void attempt(ByteSpan input) {
    const auto policy = appraisal::parse_release_policy(text_of(input), "input");
    if (!policy) return;
    const Json claims = {{"x", Json::array({1})}, {"init_data", std::string(64, '0')}};
    const keys::ResourcePath path{"a", "b", "c"};
    for (const auto verdict : {Tier::kNone, Tier::kAffirming, Tier::kWarning, Tier::kContraindicated}) {
        const auto decision = appraisal::decide(*policy, {.path = path,
                                                          .tee = verifier::Tee::kSnp,
                                                          .simulated = false,
                                                          .verdict = verdict,
                                                          .claims = claims,
                                                          .init_data_claims = &claims});
        require(decision.granted == decision.reason.empty(), "a refusal has a reason");
        require(!decision.granted || verdict == Tier::kAffirming || verdict == Tier::kWarning,
                "nothing is released for less than a warning");
    }
}

}  // namespace

const Target kTarget{.largest = 64 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
