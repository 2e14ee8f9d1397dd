// SPDX-License-Identifier: Apache-2.0
// SVSM images for tests: those of synthetic_firmware.hpp with another table: SEV metadata and SVSM information.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/support/synthetic_firmware.hpp"

namespace hallmark::test {

constexpr std::size_t kSvsmInfoTrailer = kFooter + 18;
constexpr std::size_t kSvsmInfoData = kSvsmInfoTrailer + 4;
constexpr std::size_t kSvsmMetadataTrailer = kSvsmInfoData + 18;
constexpr std::size_t kSvsmMetadataData = kSvsmMetadataTrailer + 4;

inline Bytes svsm(std::uint32_t launch_offset = 0x234,
                  std::vector<FirmwareSection> sections = {
                      {0x0, 0x9e000, 1}, {0x9e000, 0x1000, 2}, {0x9f000, 0x1000, 3}}) {
    FirmwareRecipe recipe{.size = 0x8000};
    recipe.sections = std::move(sections);
    Bytes image = firmware(recipe);
    put(image, kSvsmMetadataData, static_cast<std::uint32_t>(kMetadata));
    put_trailer(image, kSvsmMetadataTrailer, 4 + 18, guid("dc886566-984a-4798-a75e-5585a7bf67cc"));
    put(image, kSvsmInfoData, launch_offset);
    put_trailer(image, kSvsmInfoTrailer, 4 + 18, guid("a789a612-0597-4c4b-a49f-cbb1fe9d1ddd"));
    put_trailer(image, kFooter, kSvsmMetadataData - kTableEnd, guid("96b582de-1fb2-45f7-baea-a366c55a082d"));
    return image;
}

}  // namespace hallmark::test
