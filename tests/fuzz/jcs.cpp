// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever sends JSON that is hashed in its canonical form: a guest as runtime data.
// Size cap: 64 KiB.
#include "common/jcs.hpp"

#include "common/json.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    return {
        seed(R"({"nonce":"AA==","tee-pubkey":{"kty":"EC","x":"\u20ac\ud83d\ude00\ufb33","n":[1e21,-0.0,5e-324,1.5]}})"),
        seed("[9007199254740991,9007199254740992,18446744073709551615,-9007199254740993]"),
        seed(R"("\u0000\b\t\n\f\r\"\\\u007f")"),
    };
}

void attempt(ByteSpan input) {
    const auto json = parse_json(text_of(input), "input");
    if (!json) return;
    const auto text = canonical(*json);
    if (!text) return;
    const auto again = parse_json(*text, "canonical");
    require(again.has_value(), "the canonical form is JSON");
    // An integer that came as 1e20 is written in digits alone, which are read as an integer too large for the form.
    const auto twice = canonical(*again);
    require(!twice || *twice == *text, "the canonical form of the canonical form is itself");
}

}  // namespace

const Target kTarget{.largest = 64 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
