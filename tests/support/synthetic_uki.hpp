// SPDX-License-Identifier: Apache-2.0
// Unified kernel images for tests.
#pragma once

#include <string>
#include <string_view>

#include "common/bytes.hpp"
#include "tests/support/synthetic_pe.hpp"

namespace hallmark::test {

inline Bytes bytes_of(std::string_view text) {
    const auto bytes = as_bytes(text);
    return {bytes.begin(), bytes.end()};
}

/// A kernel whose stub measures its command line and takes an initrd, by the texts that show it.
inline Bytes kernel_image(bool takes_initrd = true) {
    auto recipe = plain_pe();
    std::string texts("LOADED_IMAGE::LoadOptions\0", 26);
    if (takes_initrd) texts += "Loaded initrd from LINUX_EFI_INITRD_MEDIA_GUID device path\n";
    recipe.trailing = bytes_of(texts);
    recipe.trailing.resize(96);
    return pe_image(recipe);
}

/// In another order than that of measurement, and with sections that aren't measured.
inline PeRecipe plain_uki() {
    PeRecipe recipe{.headers_size = 0x600};
    recipe.sections = {{".text", pattern(0x300, 7)},
                       {".sdmagic", bytes_of("#### LoaderInfo: systemd-stub 257.9-1 ####")},
                       {".initrd", pattern(1000, 5)},
                       {".osrel", bytes_of("ID=hallmark\n")},
                       {".cmdline", bytes_of("console=hvc0 panic=1\n")},
                       {".linux", kernel_image()},
                       {".pcrsig", bytes_of("{}")}};
    return recipe;
}

}  // namespace hallmark::test
