// SPDX-License-Identifier: Apache-2.0
// Attacker: a guest of which the demo follows the console.
// Size cap: 4 KiB, some lines longer than those that are kept.
#include "boot/demo/steps.hpp"

#include <algorithm>

#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    return {seed("hallmark-step 2 hallmark-guest 0.1.0\r\nhallmark-step 3\nhallmark-step 15 crun\n"),
            seed("x hallmark-step 4 \x1b[2J\nhallmark-step 16 x\nhallmark-step 4 again\n")};
}

/// Every step once, with words that a terminal may be given.
void check(const std::vector<boot::demo::Reached>& fresh, boot::demo::Steps& steps) {
    require(fresh.size() < boot::demo::kSteps, "a step is new twice, or the VM starts twice");
    for (const auto& step : fresh) {
        require(step.number >= 2 && step.number <= boot::demo::kSteps, "a step that there is not");
        require(!step.what.empty() && std::ranges::all_of(step.what, [](char c) { return c >= 0x20 && c < 0x7f; }),
                "words that are not printable");
    }
    require(steps.count() >= fresh.size(), "a step is forgotten");
}

void attempt(ByteSpan input) {
    const auto text = text_of(input);
    boot::demo::Steps whole;
    const auto at_once = whole.add(text);
    check(at_once, whole);
    boot::demo::Steps pieces;
    std::size_t count = pieces.add(text.substr(0, text.size() / 2)).size();
    count += pieces.add(text.substr(text.size() / 2)).size();
    require(count == at_once.size(), "how the text comes in pieces makes a difference");
}

}  // namespace

const Target kTarget{.largest = 4 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
