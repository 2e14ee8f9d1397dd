// SPDX-License-Identifier: Apache-2.0
// simulated-evidence FOLDER MEASUREMENT: for each line of standard input, report data in hexadecimal, one line with the
// evidence of a simulated SEV-SNP guest, as the KBS protocol carries it. The root lies in FOLDER/ark.pem.
#include <cstdio>
#include <iostream>
#include <string>

#include "boot/simulated/chain.hpp"
#include "boot/simulated/processor.hpp"
#include "common/formats/snp_evidence.hpp"
#include "common/json_bytes.hpp"
#include "tests/drivers/hex_field.hpp"

namespace hallmark {
namespace {

constexpr std::uint32_t kMilan = 0xa00f11;  // CPUID Fn0000_0001 EAX

Status answer_lines(const std::string& folder, const std::string& measurement) {
    HALLMARK_TRY(const auto chain, boot::SimulatedChain::open(folder, [] {}));
    boot::LaunchFacts facts{.measurement = {}, .cpu_signature = kMilan};
    HALLMARK_TRY(facts.measurement, field<48>(measurement));
    HALLMARK_TRY(const auto processor, boot::SimulatedProcessor::make(chain, facts));
    for (std::string line; std::getline(std::cin, line);) {
        HALLMARK_TRY(const auto report_data, field<64>(line));
        HALLMARK_TRY(const auto report, processor.report(report_data, 0));
        HALLMARK_TRY(const auto evidence, snp::evidence_of(as_bytes(report), processor.certificates()));
        HALLMARK_TRY(const Json json, snp::evidence_json(evidence));
        std::printf("%s\n", text_with_bytes(json).c_str());
        std::fflush(stdout);
    }
    return {};
}

}  // namespace
}  // namespace hallmark

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    const auto done = hallmark::answer_lines(argv[1], argv[2]);
    if (!done) std::fprintf(stderr, "simulated-evidence: %s\n", done.error().message.c_str());
    return done ? 0 : done.error().exit_status();
}
