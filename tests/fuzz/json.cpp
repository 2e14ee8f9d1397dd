// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever sends a document that this project reads as JSON: a publisher, QEMU, a registry, a guest.
// Size cap: 64 KiB; readers name their own limit, and the recursion that matters ends at 64 levels.
#include "common/json.hpp"

#include "common/json_bytes.hpp"
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
        seed(R"({"a": [0, 255 , 7], "b": [[], [ ], [1], [256], [01], [-1], [1.0], "[1]\\"], "[2]": [3, [4]]})"),
    };
}

/// Bytes written as numbers again.
Json as_lists(const Json& json) {
    Json all = json.is_binary() ? Json(static_cast<const Bytes&>(json.get_binary())) : json;
    if (all.is_structured())
        for (auto& value : all) value = as_lists(value);
    return all;
}

void attempt(ByteSpan input) {
    const auto parsed = parse_json(text_of(input), "input");
    const auto with_bytes = parse_json_with_bytes(text_of(input), "input");
    require(parsed.has_value() == with_bytes.has_value(), "both readers take the same texts");
    require(parsed ? as_lists(*with_bytes) == *parsed : with_bytes.error().message == parsed.error().message,
            "both readers see the same in them");
    if (!parsed) return;
    require(text_with_bytes(*with_bytes) == parsed->dump(), "bytes are written as the lists that they were");
    const auto again = parse_json(to_text(*parsed), "its own output");
    require(again.has_value(), "what was parsed is written so that it can be parsed");
    require(*again == *parsed, "what is written means what was parsed");
}

}  // namespace

const Target kTarget{.largest = 64 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
