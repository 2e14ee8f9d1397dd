// SPDX-License-Identifier: Apache-2.0
// Firmware images for tests: valid ones from parameters, of which a test breaks one field. They are byte for byte those
// that make-synthetic-firmware.py of the test vectors writes, so its digests hold for them.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "common/bytes.hpp"
#include "common/endian.hpp"
#include "common/guid.hpp"

namespace hallmark::test {

struct FirmwareSection {
    std::uint32_t gpa;
    std::uint32_t size;
    std::uint32_t type;
};

struct FirmwareRecipe {
    std::size_t size = 0x10000;
    std::uint32_t reset_address = 0x80B004;
    std::pair<std::uint32_t, std::uint32_t> hash_table = {0x810C00, 0x400};
    std::vector<FirmwareSection> sections = {
        {0x800000, 0x9000, 1}, {0x80A000, 0x3000, 1},  {0x80D000, 0x1000, 2},    {0x80E000, 0x1000, 3},
        {0x80F000, 0x1000, 4}, {0x811000, 0x1F000, 1}, {0x810000, 0x1000, 0x10},
    };
};

// Where things stand, as distances from the end of the image.
constexpr std::size_t kMetadata = 0x400;  // "ASEV", size, version, count, sections of 12 bytes
constexpr std::size_t kTableEnd = 32;
constexpr std::size_t kFooter = 50;        // length, GUID
constexpr std::size_t kResetTrailer = 68;  // length, GUID
constexpr std::size_t kResetData = 72;
constexpr std::size_t kHashTableTrailer = 90;  // length, GUID
constexpr std::size_t kHashTableData = 98;
constexpr std::size_t kMetadataTrailer = 116;  // length, GUID
constexpr std::size_t kMetadataData = 120;     // the first byte of the table

template <std::unsigned_integral T>
void put(Bytes& image, std::size_t from_end, T value) {
    const Le<T> field = value;
    std::memcpy(image.data() + image.size() - from_end, &field, sizeof field);
}

inline void put(Bytes& image, std::size_t from_end, ByteSpan bytes) {
    std::copy(bytes.begin(), bytes.end(), image.end() - static_cast<std::ptrdiff_t>(from_end));
}

inline void put_trailer(Bytes& image, std::size_t from_end, std::uint16_t length, const Guid& guid) {
    put(image, from_end, length);
    put(image, from_end - 2, ByteSpan(guid.bytes));
}

inline Bytes firmware(const FirmwareRecipe& recipe = {}) {
    Bytes image(recipe.size);
    for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<std::uint8_t>(i * 31 + (i >> 8) * 17 + 7);
    const auto count = static_cast<std::uint32_t>(recipe.sections.size());
    put(image, kMetadata, as_bytes(std::string_view("ASEV")));
    put(image, kMetadata - 4, 16 + 12 * count);
    put(image, kMetadata - 8, std::uint32_t{1});
    put(image, kMetadata - 12, count);
    std::size_t at = kMetadata - 16;
    for (const auto& section : recipe.sections)
        for (const auto value : {section.gpa, section.size, section.type}) {
            put(image, at, value);
            at -= 4;
        }
    put(image, kMetadataData, static_cast<std::uint32_t>(kMetadata));
    put_trailer(image, kMetadataTrailer, 4 + 18, guid("dc886566-984a-4798-a75e-5585a7bf67cc"));
    put(image, kHashTableData, recipe.hash_table.first);
    put(image, kHashTableData - 4, recipe.hash_table.second);
    put_trailer(image, kHashTableTrailer, 8 + 18, guid("7255371f-3a3b-4b04-927b-1da6efa8d454"));
    put(image, kResetData, recipe.reset_address);
    put_trailer(image, kResetTrailer, 4 + 18, guid("00f771de-1a7e-4fcb-890e-68c77e2fb44e"));
    put_trailer(image, kFooter, kMetadataData - kTableEnd, guid("96b582de-1fb2-45f7-baea-a366c55a082d"));
    return image;
}

/// Firmware that can't measure a kernel: its hash table has no address, its metadata no section for it.
inline Bytes firmware_without_kernel_hashes() {
    FirmwareRecipe recipe;
    recipe.hash_table = {0, 0};
    recipe.sections = {{0x800000, 0x9000, 1}, {0x80A000, 0x3000, 1}, {0x80D000, 0x1000, 2}, {0x80E000, 0x1000, 3}};
    return firmware(recipe);
}

inline Bytes synthetic_kernel() {
    Bytes kernel(70001);
    for (std::size_t i = 0; i < kernel.size(); ++i) kernel[i] = static_cast<std::uint8_t>(i * 13 + 5);
    return kernel;
}

inline Bytes synthetic_initrd() {
    Bytes initrd(123457);
    for (std::size_t i = 0; i < initrd.size(); ++i) initrd[i] = static_cast<std::uint8_t>(i * 29 + 11);
    return initrd;
}

}  // namespace hallmark::test
