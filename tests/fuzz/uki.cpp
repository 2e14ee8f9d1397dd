// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever hands out a unified kernel image or an addon whose measurement somebody wants to know.
// Size cap: 64 KiB; headers are offsets into the file, so small images have it all.
#include "measure/uki/uki.hpp"

#include "measure/tpm/predict.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/synthetic_uki.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    auto with_profiles = test::plain_uki();
    with_profiles.headers_size = 0x800;
    with_profiles.sections.push_back({".profile", test::bytes_of("ID=a")});
    with_profiles.sections.push_back({".cmdline", test::bytes_of("a")});
    return {test::pe_image(test::plain_uki()), test::pe_image(with_profiles)};
}

void attempt(ByteSpan input) {
    tpm::UkiBoot boot;
    boot.image = {"input", input};
    boot.addons = {{"input", input}};
    boot.firmware.layout = tdx::layouts().back();
    const auto prediction = tpm::predict_uki(boot);
    const auto file = pe::parse_pe(input, "input");
    require(!prediction || file, "nothing is predicted of what is no image");
    if (!file) return;
    const auto sections = uki::measured_sections(*file, 0, "input");
    require(!prediction || sections, "nothing is predicted of what is no unified kernel image");
    (void)uki::stub_version(*file);
    if (!sections) return;
    for (const auto& section : *sections)
        require(
            section.content.empty() || (section.content.data() >= input.data() &&
                                        section.content.data() + section.content.size() <= input.data() + input.size()),
            "a section lies in the file");
}

}  // namespace

const Target kTarget{.largest = 64 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
