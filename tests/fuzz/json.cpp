// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever sends a document that this project reads as JSON: a publisher, QEMU, a registry, a guest.
// Size cap: 64 KiB; readers name their own limit, and the recursion that matters ends at 64 levels.
#include "common/json.hpp"

#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    return {
        seed(R"({"a": [1, -2, 3.5e7, true, false, null, "text \u00e9 \ud83d\ude00 \\ \""], "b": {"c": {}}})"),
        seed("[[[[[[[[]]]]]]]]"),
        seed(R"({"twice": 1, "twice": 2})"),
        seed("18446744073709551616"),
        seed(std::string(65, '[') + std::string(65, ']')),
    };
}

void attempt(ByteSpan input) {
    const auto parsed = parse_json(text_of(input), "input");
    if (!parsed) return;
    const auto again = parse_json(to_text(*parsed), "its own output");
    require(again.has_value(), "what was parsed is written so that it can be parsed");
    require(*again == *parsed, "what is written means what was parsed");
}

}  // namespace

const Target kTarget{.largest = 64 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
