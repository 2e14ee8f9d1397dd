// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever hands out a kernel to be measured.
// Size cap: 4 KiB; everything that is read stands in the setup header.
#include <algorithm>
#include <string_view>

#include "measure/tdx/setup_header.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    Bytes kernel(0x300);
    std::ranges::copy(std::string_view("HdrS\0\0\x0f\x02", 8), kernel.begin() + 0x202);
    kernel[0x20e] = 0x60;
    kernel[0x211] = 1;
    kernel[0x22f] = 0x7f;
    kernel[0x236] = 0x63;
    std::ranges::copy(std::string_view("6.12.1 x"), kernel.begin() + 0x260);
    return {kernel};
}

void attempt(ByteSpan input) {
    const auto version = tdx::kernel_version(input);
    require(!version || !version->empty(), "a version is not empty");
    for (const auto* line : {"quiet", "vga=0x317"}) {
        Bytes kernel(input.begin(), input.end());
        if (!tdx::patch_setup_header(kernel, {line, 0x1234, 2ULL << 30}, "input")) continue;
        require(kernel.size() == input.size(), "a patch keeps the size");
        require(std::ranges::equal(ByteSpan(kernel).subspan(0x238), input.subspan(0x238)),
                "nothing behind the header is patched");
    }
}

}  // namespace

const Target kTarget{.largest = 4 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
