// SPDX-License-Identifier: Apache-2.0
// Attacker: a guest that has broken into the QEMU that answers for its registers.
// Size cap: 16 KiB; QEMU prints 5 for a CPU, and the next CPU's are read in the same way.
#include "boot/qemu/registers.hpp"

#include "boot/run/stuck.hpp"
#include "boot/simulated/cpu_state.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/unit/boot/registers_sample.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    namespace samples = boot::test;
    return {seed(samples::paused_cpu(0, 0) + samples::paused_cpu(1, 1)), seed(samples::running_cpu())};
}

void attempt(ByteSpan input) {
    const auto cpus = boot::parse_registers(text_of(input));
    if (!cpus) return;
    require(!cpus->empty(), "an answer without a CPU is none");
    boot::StuckDetector detector;
    for (const auto& cpu : *cpus) (void)detector.add(cpu, 0, std::chrono::milliseconds(1));
    constexpr std::uint32_t kStart = 0x80b004;
    const auto states = boot::cpu_states(*cpus, kStart);
    if (!states) return;
    require(states->size() == cpus->size(), "every CPU has a state");
    for (std::size_t i = 1; i < states->size(); ++i)
        require(((*states)[i].cs.base + (*states)[i].rip) == kStart, "application CPUs start where the firmware says");
}

}  // namespace

const Target kTarget{.largest = 16 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
