// SPDX-License-Identifier: Apache-2.0
// Attacker: a program that somebody takes for QEMU.
// Size cap: 8 KiB; a real directory has 2 KiB.
#include <algorithm>
#include <string_view>

#include "measure/qemu/fw_cfg.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    Bytes directory(132);
    directory[3] = 2;
    std::ranges::copy(std::string_view("etc/acpi/rsdp"), directory.begin() + 12);
    std::ranges::copy(std::string_view("etc/acpi/tables"), directory.begin() + 76);
    return {directory};
}

void attempt(ByteSpan input) {
    const auto count = qemu::entry_count(input);
    if (!count) return;
    const auto files = qemu::parse_directory(input.subspan(4));
    require(!files || files->size() == (input.size() - 4) / qemu::kEntrySize, "each entry is a file");
}

}  // namespace

const Target kTarget{.largest = 8 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
