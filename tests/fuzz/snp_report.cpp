// SPDX-License-Identifier: Apache-2.0
// Attacker: a guest or a host that presents a report of its own making.
// Size cap: 2 KiB; a report has 1184 bytes.
#include "common/formats/snp_report.hpp"
#include "common/formats/snp_tcb.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    std::vector<Bytes> reports;
    for (const std::uint32_t version : {2U, 3U, 5U, 6U}) {
        snp::AttestationReport report;
        report.version = version;
        const auto bytes = as_bytes(report);
        reports.emplace_back(bytes.begin(), bytes.end());
    }
    return reports;
}

void attempt(ByteSpan input) {
    const auto report = snp::parse_report(input);
    if (!report) return;
    require(equal(as_bytes(*report), input), "a report is kept as it came");
    require(report->version >= 2 && report->version <= 5, "only known versions are read");
    for (const auto layout : {snp::TcbLayout::kMilan, snp::TcbLayout::kTurin}) {
        const auto parts = snp::decode_tcb(report->reported_tcb, layout);
        require(snp::decode_tcb(snp::encode_tcb(parts, layout), layout) == parts, "a TCB is written as it was read");
    }
}

}  // namespace

const Target kTarget{.largest = 2048, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
