// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever hands out a kernel to be measured.
// Size cap: 4 KiB; everything that is read stands in the setup header.
#include <algorithm>
#include <string_view>

#include "measure/bzimage/setup_header.hpp"
#include "measure/tdx/setup_header.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/synthetic_bzimage.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() { return {test::bzimage_image()}; }

void read_all(ByteSpan input) {
    const auto header = bzimage::read_setup_header(input, "input");
    if (!header) return;
    const auto text = bzimage::version_text(input, *header);
    require(!text || text->find('\0') == std::string_view::npos, "a text ends at its NUL");
    const auto payload = bzimage::payload(input, *header, "input");
    require(!payload || payload->size() <= input.size(), "a payload is in the file");
    if (payload) require(!bzimage::packing(*payload).empty(), "every packing has a name");
}

void attempt(ByteSpan input) {
    read_all(input);
    const auto version = tdx::kernel_version(input);
    require(!version || !version->empty(), "a version is not empty");
    for (const auto* line : {"quiet", "vga=0x317"}) {
        Bytes kernel(input.begin(), input.end());
        if (!tdx::patch_setup_header(kernel, {line, 0x1234, 2ULL << 30}, "input")) continue;
        require(kernel.size() == input.size(), "a patch keeps the size");
        require(std::ranges::equal(ByteSpan(kernel).subspan(0x26c), input.subspan(0x26c)),
                "nothing behind the header is patched");
    }
}

}  // namespace

const Target kTarget{.largest = 4 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
