// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever hands out a firmware seed, to have a digest computed that his firmware will not have.
// Size cap: 16 KiB, a hundred sections.
#include "measure/snp/firmware_seed.hpp"

#include <string>
#include <string_view>

#include "common/json.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/synthetic_firmware.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    std::vector<Bytes> texts;
    for (const auto& image : {test::firmware({.size = 4096}), test::firmware_without_kernel_hashes()})
        if (const auto of_image = snp::seed_of(image, "image")) texts.push_back(seed(to_text(to_json(*of_image))));
    return texts;
}

void attempt(ByteSpan input) {
    const auto read = snp::parse_firmware_seed(input, "input");
    if (!read) return;
    require(ovmf::check_sev_firmware(read->layout, ovmf::UnknownSections::kRefuse, "input").has_value(),
            "a seed is checked like an image");
    const std::string text = to_text(to_json(*read));
    const auto again = snp::parse_firmware_seed(as_bytes(std::string_view(text)), "its own output");
    require(again && to_json(*again) == to_json(*read), "what was read is written so that it can be read");
}

}  // namespace

const Target kTarget{.largest = 16 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
