// SPDX-License-Identifier: Apache-2.0
// Attacker: a guest that lays out its memory so that its event log reads as it likes.
// Size cap: 64 KiB of RAM; a log has a few.
#include "boot/tpm/log_in_memory.hpp"

#include "boot/simulated/tdx/registers.hpp"
#include "common/formats/event_log.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/unit/boot/guest_log_sample.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() { return {boot::test::guest_with_log(), Bytes(boot::test::kRamSize)}; }

void attempt(ByteSpan input) {
    const boot::test::FakeMemory fake(input);
    if (!fake.memory) return;
    const auto found = boot::tpm::find_log(*fake.memory);
    if (!found) return;
    require(found->address < input.size(), "a log lies in memory");
    const auto log = event_log::parse_event_log(found->bytes, "log");
    if (!log) return;
    const auto extensions = boot::as_tdx(*log, true);
    if (extensions) require(extensions->size() < log->events.size(), "separators are left out, and a file of the TPM");
}

}  // namespace

const Target kTarget{.largest = 64 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
