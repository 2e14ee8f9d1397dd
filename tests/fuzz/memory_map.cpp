// SPDX-License-Identifier: Apache-2.0
// Attacker: a guest that has broken into the QEMU that tells where its memory lies.
// Size cap: 16 KiB; QEMU prints 3 for the address space of memory.
#include "boot/qemu/memory_map.hpp"

#include "tests/fuzz/target.hpp"
#include "tests/unit/boot/memory_map_sample.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    return {seed(boot::test::kMemoryMapSample),
            seed("AS \"memory\", root: system\n0-fffff (prio 0, ram): ram0 @ffffffffffff0000\n")};
}

void attempt(ByteSpan input) {
    const auto map = boot::parse_memory_map(text_of(input));
    if (!map) return;
    (void)map->firmware();
    const boot::MemoryRange* before = nullptr;
    for (const auto& range : map->ranges()) {
        require(range.first <= range.last, "a range ends behind its begin");
        require(before == nullptr || before->last < range.first, "ranges are in order and apart");
        before = &range;
        for (const auto address : {range.first, range.last}) {
            const auto offset = map->ram_offset(range.region, address, 1);
            if (offset) require(*offset >= range.offset, "what follows in memory follows in its file");
        }
    }
}

}  // namespace

const Target kTarget{.largest = 16 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
