// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever hands out a firmware image for TDX.
// Size cap: 64 KiB; the metadata lie at the end of an image and their sections are offsets, so small ones have it all.
#include "measure/ovmf/tdx_metadata.hpp"
#include "measure/ovmf/traits.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/synthetic_tdvf.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    test::TdvfRecipe payload;
    payload.sections = {{0, 0x4000, 0xffffc000, 0x4000, 0, 1}, {0, 16, 0, 0, 7, 0}, {0, 0, 0x1000000, 0x2000, 4, 2}};
    const auto whole = test::tdvf();
    return {whole, test::tdvf(payload), Bytes(whole.begin() + 0x1000, whole.end())};
}

void attempt(ByteSpan input) {
    const auto traits = ovmf::firmware_traits(input);
    require(!traits.version || traits.version->size() == 7, "a version is a year and a month");
    const auto sections = ovmf::parse_tdx_metadata(input, "input");
    if (!sections) return;
    std::uint64_t added = 0;
    for (const auto& section : *sections) {
        require(section.gpa % 4096 == 0 && section.memory_size % 4096 == 0, "sections are whole pages");
        require(section.end() >= section.gpa, "a section ends behind its begin");
        require(section.data(input).size() == section.data_size, "the data lie in the image");
        require(section.data_size <= section.memory_size || section.type == ovmf::TdxSectionType::kTdInfo,
                "the data fit into the memory");
        if ((section.attributes & ovmf::kAddedLater) == 0) added += section.memory_size;
    }
    require(added <= 1ULL << 30, "what is added is bounded");
}

}  // namespace

const Target kTarget{.largest = 64 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
