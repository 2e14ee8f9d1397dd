// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever hands out a firmware image, and a host that puts one into a guest's memory.
// Size cap: 64 KiB; tables lie at the end of an image and their entries are offsets, so small ones have it all.
#include "measure/ovmf/sev_firmware.hpp"

#include "measure/snp/kernel_hashes.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/synthetic_firmware.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    test::FirmwareRecipe small;
    small.size = 4096;
    test::FirmwareRecipe without_sections = small;
    without_sections.sections.clear();
    return {test::firmware(small), test::firmware(without_sections), test::firmware()};
}

void check_section(const ovmf::SevFirmware& firmware, const ovmf::SevSection& section) {
    require(section.size != 0 && section.size % 4096 == 0 && section.gpa % 4096 == 0, "sections are whole pages");
    require(section.end() <= firmware.gpa(), "a section lies below the firmware");
    for (const auto& other : firmware.sections)
        require(&other == &section || section.end() <= other.gpa || other.end() <= section.gpa,
                "sections do not overlap");
}

void attempt(ByteSpan input) {
    const auto firmware = ovmf::parse_sev_firmware(input, "input");
    if (!firmware) return;
    require(firmware->size == input.size(), "the size is the image's");
    for (const auto& section : firmware->sections) check_section(*firmware, section);
    if (firmware->kernel_hash_section() == nullptr || !firmware->kernel_hash_table) return;
    const auto& table = *firmware->kernel_hash_table;
    const auto& section = *firmware->kernel_hash_section();
    require(table.gpa >= section.gpa && std::uint64_t{table.gpa} + sizeof(snp::HashTable) <= section.end(),
            "what the hypervisor writes lies in the page that it measures");
}

}  // namespace

const Target kTarget{.largest = 64 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
