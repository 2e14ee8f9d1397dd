// SPDX-License-Identifier: Apache-2.0
// Writes known_evidence.inc anew, from a simulated platform made for it and thrown away:
//   make-known FOLDER >tests/fuzz/proof/known_evidence.inc
#include <cstdio>

#include "boot/simulated/processor.hpp"
#include "common/hex.hpp"

namespace hallmark::boot {
namespace {

Result<std::string> make_evidence(const std::filesystem::path& folder) {
    HALLMARK_TRY(const auto chain, SimulatedChain::open(folder, [] {}));
    LaunchFacts facts;
    facts.cpu_signature = 0xa00f11;
    HALLMARK_TRY(const auto processor, SimulatedProcessor::make(chain, facts));
    std::array<std::uint8_t, 64> report_data{};
    report_data.fill(0x5a);
    HALLMARK_TRY(const auto report, processor.report(report_data, 0));
    const auto bytes = as_bytes(report);
    return to_hex(guest_port::encode_evidence({.source = guest_port::Source::kSimulated,
                                               .kind = guest_port::Kind::kSnpReport,
                                               .report = Bytes(bytes.begin(), bytes.end()),
                                               .certificates = processor.certificates()}));
}

int make_known(const char* folder) {
    constexpr std::size_t kWidth = 112;
    const auto digits = make_evidence(folder);
    if (!digits) {
        std::fprintf(stderr, "make-known: %s\n", digits.error().message.c_str());
        return digits.error().exit_status();
    }
    std::printf("// SPDX-License-Identifier: Apache-2.0\n");
    for (std::size_t at = 0; at < digits->size(); at += kWidth)
        std::printf("    \"%s\"\n", digits->substr(at, kWidth).c_str());
    return 0;
}

}  // namespace
}  // namespace hallmark::boot

int main(int argc, char** argv) { return argc == 2 ? hallmark::boot::make_known(argv[1]) : 2; }
