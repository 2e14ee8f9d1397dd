// SPDX-License-Identifier: Apache-2.0
// Attacker: a guest that presents a report of its own making.
// Size cap: 2 KiB; a report has 1024 bytes.
#include "common/formats/tdx_report.hpp"

#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    const tdx::TdReport report;
    const auto bytes = as_bytes(report);
    return {Bytes(bytes.begin(), bytes.end())};
}

void attempt(ByteSpan input) {
    const auto report = tdx::parse_td_report(input);
    if (report) require(equal(as_bytes(*report), input), "a report is kept as it came");
}

}  // namespace

const Target kTarget{.largest = 2048, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
