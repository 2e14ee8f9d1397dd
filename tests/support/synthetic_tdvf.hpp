// SPDX-License-Identifier: Apache-2.0
// Firmware with TDX metadata for tests: a valid image from parameters, of which a test breaks one field.
// Laid out as OVMF is: variables, then code; descriptor, GUIDed table and reset vector at the end.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "common/bytes.hpp"
#include "common/guid.hpp"
#include "tests/support/synthetic_firmware.hpp"

namespace hallmark::test {

struct TdvfSection {
    std::uint32_t data_offset;
    std::uint32_t data_size;
    std::uint64_t gpa;
    std::uint64_t memory_size;
    std::uint32_t type;
    std::uint32_t attributes;
};

struct TdvfRecipe {
    std::size_t size = 0x4000;
    std::uint32_t version = 1;
    /// Those of OVMF with 4 KiB of variables and 12 KiB of code.
    std::vector<TdvfSection> sections = {
        {0x1000, 0x3000, 0xffffd000, 0x3000, 0, 1},
        {0, 0x1000, 0xffffc000, 0x1000, 1, 0},
        {0, 0, 0x810000, 0x10000, 3, 0},
        {0, 0, 0x80b000, 0x2000, 3, 0},
        {0, 0, 0x809000, 0x2000, 2, 0},
        {0, 0, 0x800000, 0x6000, 3, 0},
    };
};

// Where things stand, as distances from the end of the image.
constexpr std::size_t kTdvfDescriptor = 0x300;  // "TDVF", length, version, count, sections of 32 bytes
constexpr std::size_t kTdvfTrailer = 68;        // length, GUID
constexpr std::size_t kTdvfData = 72;           // the first byte of the table

inline void put_section(Bytes& image, std::size_t from_end, const TdvfSection& section) {
    put(image, from_end, section.data_offset);
    put(image, from_end - 4, section.data_size);
    put(image, from_end - 8, section.gpa);
    put(image, from_end - 16, section.memory_size);
    put(image, from_end - 24, section.type);
    put(image, from_end - 28, section.attributes);
}

inline Bytes tdvf(const TdvfRecipe& recipe = {}) {
    Bytes image(recipe.size);
    for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<std::uint8_t>(i * 31 + (i >> 8) * 17 + 7);
    const auto count = static_cast<std::uint32_t>(recipe.sections.size());
    put(image, kTdvfDescriptor, as_bytes(std::string_view("TDVF")));
    put(image, kTdvfDescriptor - 4, 16 + 32 * count);
    put(image, kTdvfDescriptor - 8, recipe.version);
    put(image, kTdvfDescriptor - 12, count);
    for (std::size_t i = 0; i < count; ++i) put_section(image, kTdvfDescriptor - 16 - 32 * i, recipe.sections[i]);
    put(image, kTdvfData, static_cast<std::uint32_t>(kTdvfDescriptor));
    put_trailer(image, kTdvfTrailer, 4 + 18, guid("e47a6535-984a-4798-865e-4685a7bf8ec2"));
    put_trailer(image, kFooter, kTdvfData - kTableEnd, guid("96b582de-1fb2-45f7-baea-a366c55a082d"));
    return image;
}

}  // namespace hallmark::test
