// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever hands out any file that somebody looks into.
// Size cap: 64 KiB, of the firmware target.
#include <string>

#include "measure/inspect/format.hpp"
#include "measure/inspect/tree.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/synthetic_event_log.hpp"
#include "tests/support/synthetic_pe.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() { return {test::event_log_sample(), test::pe_image(test::plain_pe())}; }

void attempt(ByteSpan input) {
    for (const auto* format : inspect::formats()) {
        const auto json = format->describe(input, "input");
        if (!json) {
            require(json.error().message.find('\n') == std::string::npos, "an error is one line");
            continue;
        }
        for (const char c : inspect::as_tree(*json))
            require(c == '\n' || (c >= 0x20 && c < 0x7f), "nothing reaches the terminal");
    }
}

}  // namespace

const Target kTarget{.largest = 64 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
