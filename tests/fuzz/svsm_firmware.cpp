// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever hands out an SVSM image.
// Size cap: 64 KiB; tables lie at the end of an image and their entries are offsets, so small ones have it all.
#include "measure/ovmf/svsm_firmware.hpp"

#include "measure/ovmf/layout.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/synthetic_svsm.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() { return {test::svsm(), test::svsm(0, {{0, 0x1000, 1}}), test::firmware()}; }

void attempt(ByteSpan input) {
    constexpr std::uint64_t kEnd = ovmf::kFourGiB - 0x400000;
    const auto svsm = ovmf::parse_svsm_firmware(input, kEnd, "input");
    if (!svsm) return;
    require(svsm->gpa + input.size() == kEnd, "the image ends where it was told to");
    require(svsm->start >= svsm->gpa && svsm->start < kEnd, "the CPUs start in the image");
    for (const auto& section : svsm->sections)
        require(section.end() <= svsm->gpa && section.size % 4096 == 0, "a section lies below the image");
}

}  // namespace

const Target kTarget{.largest = 64 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
