// SPDX-License-Identifier: Apache-2.0
// Attacker: who hands an owner a policy, or holds an administrator's token; and the guest whose claims it meets.
// Size cap: 64 KiB, the largest policy.
#include "relying-party/appraisal/policy.hpp"

#include "relying-party/appraisal/appraise.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

using appraisal::Tier;

/// Every name has one value, 1.
class OneValue final : public reference::ReferenceValues {
    Result<std::vector<reference::Value>> find(std::string_view, std::time_t) const override {
        return std::vector<reference::Value>{{1, "source", "set"}};
    }
};

std::vector<Bytes> seeds() {
    return {seed(appraisal::default_policy_text()),
            seed("version=1\nname='n'\n[values.v]\nnames=['a','b']\nload='l'\n"
                 "[snp.executables]\notherwise=33\ngrade=[{value=3,require=[{in={c='a',d='b'},together=true}]}]\n"
                 "[snp.hardware]\notherwise=97\ngrade=[{value=2,require=[{claim='/e/0/f',at_least='a'}]}]\n"
                 "[snp.configuration]\notherwise=36\ngrade=[{value=2,require=[{claim='c',bits_clear='01'}]}]\n")};
}

void attempt(ByteSpan input) {
    const auto policy = appraisal::parse_policy(text_of(input), "input");
    if (!policy) return;
    const Json claims = {{"c", 1}, {"d", "00ff"}, {"e", Json::array({{{"f", true}}})}, {"init_data", "00"}};
    const Json nothing = Json::object();
    for (const auto& [tee, dimensions] : policy->tees) {
        for (const Json* one : {&claims, &nothing}) {
            const auto result =
                appraisal::appraise(*policy, {.tee = tee, .claims = *one, .given_init_data = "00"}, OneValue(), 1);
            require(result.has_value(), "a policy that was read gives a verdict");
            require(!appraisal::to_text(*result).empty() && appraisal::to_json(*result).is_object(), "it can be shown");
            require(one != &nothing || result->status != Tier::kAffirming, "who says nothing is not affirmed");
            require(result->dimensions.size() >= 3, "nothing that matters is left out");
        }
    }
}

}  // namespace

const Target kTarget{.largest = 64 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
