// SPDX-License-Identifier: Apache-2.0
// simulated-tee FOLDER MEASUREMENT HOSTDATA: plays the security processor of a simulated SEV-SNP guest on a terminal,
// whose path it prints, as hallmark-boot does on a virtio-serial port. The root lies in FOLDER/ark.pem; values are in
// hexadecimal. Ends with its standard input.
#include <cstdio>

#include "boot/simulated/chain.hpp"
#include "boot/simulated/processor.hpp"
#include "tests/drivers/hex_field.hpp"
#include "tests/drivers/tee_port.hpp"

namespace hallmark {
namespace {

constexpr std::uint32_t kMilan = 0xa00f11;  // CPUID Fn0000_0001 EAX

Status run(char** words) {
    HALLMARK_TRY(const auto chain, boot::SimulatedChain::open(words[1], [] {}));
    boot::LaunchFacts facts{.measurement = {}, .cpu_signature = kMilan};
    HALLMARK_TRY(facts.measurement, field<48>(words[2]));
    HALLMARK_TRY(facts.host_data, field<32>(words[3]));
    HALLMARK_TRY(const auto processor, boot::SimulatedProcessor::make(chain, facts));
    return play_tee([&processor](const guest_port::Frame& request) { return processor.answer(request); });
}

}  // namespace
}  // namespace hallmark

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    const auto done = hallmark::run(argv);
    if (!done) std::fprintf(stderr, "simulated-tee: %s\n", done.error().message.c_str());
    return done ? 0 : done.error().exit_status();
}
