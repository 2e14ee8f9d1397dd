// SPDX-License-Identifier: Apache-2.0
// PE images for tests: valid ones from parameters, of which a test breaks one field.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "common/bytes.hpp"
#include "common/endian.hpp"

namespace hallmark::test {

struct PeSection {
    std::string name;
    Bytes content;
    std::uint32_t alignment = 0x200;  ///< of what stands in the file; the content is filled up with zeros
};

struct PeRecipe {
    bool plus = true;
    std::size_t headers_size = 0x400;
    std::uint32_t directories = 6;
    std::vector<PeSection> sections = {};
    Bytes trailing = {};     ///< behind the last section
    Bytes certificate = {};  ///< behind that, named by the certificate table's entry
};

// Where things stand.
constexpr std::size_t kPeSignatureAt = 0x80;
constexpr std::size_t kPeCoffAt = 0x84;
constexpr std::size_t kPeOptionalAt = 0x98;
constexpr std::size_t kPeChecksumAt = kPeOptionalAt + 64;

inline std::size_t pe_directories_at(const PeRecipe& recipe) { return kPeOptionalAt + (recipe.plus ? 112U : 96U); }
inline std::size_t pe_certificate_entry_at(const PeRecipe& recipe) { return pe_directories_at(recipe) + 4 * 8; }
inline std::size_t pe_section_table_at(const PeRecipe& recipe) {
    return pe_directories_at(recipe) + recipe.directories * 8;
}

template <std::unsigned_integral T>
void put_at(Bytes& image, std::size_t offset, T value) {
    const Le<T> field = value;
    std::memcpy(image.data() + offset, &field, sizeof field);
}

inline void put_at(Bytes& image, std::size_t offset, std::string_view text) {
    std::memcpy(image.data() + offset, text.data(), text.size());
}

/// Bytes that differ from place to place.
inline Bytes pattern(std::size_t size, unsigned seed) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 31 + (i >> 8) * 17 + seed);
    return bytes;
}

inline void put_pe_headers(Bytes& image, const PeRecipe& recipe) {
    put_at(image, 0, std::string_view("MZ"));
    put_at(image, 0x3c, std::uint32_t{kPeSignatureAt});
    put_at(image, kPeSignatureAt, std::string_view("PE\0\0", 4));
    put_at(image, kPeCoffAt, static_cast<std::uint16_t>(recipe.plus ? 0x8664 : 0x14c));
    put_at(image, kPeCoffAt + 2, static_cast<std::uint16_t>(recipe.sections.size()));
    put_at(image, kPeCoffAt + 16, static_cast<std::uint16_t>(pe_section_table_at(recipe) - kPeOptionalAt));
    put_at(image, kPeOptionalAt, static_cast<std::uint16_t>(recipe.plus ? 0x20b : 0x10b));
    put_at(image, kPeOptionalAt + 60, static_cast<std::uint32_t>(recipe.headers_size));
    put_at(image, kPeChecksumAt, std::uint32_t{0x12345678});
    put_at(image, kPeOptionalAt + 68, std::uint16_t{10});
    put_at(image, pe_directories_at(recipe) - 4, recipe.directories);
}

inline void put_pe_section(Bytes& image, const PeRecipe& recipe, std::size_t index, std::size_t raw_size) {
    const auto at = pe_section_table_at(recipe) + index * 40;
    const auto& section = recipe.sections[index];
    put_at(image, at, std::string_view(section.name).substr(0, 8));
    put_at(image, at + 8, static_cast<std::uint32_t>(section.content.size()));
    put_at(image, at + 12, static_cast<std::uint32_t>(0x1000 * (index + 1)));
    put_at(image, at + 16, static_cast<std::uint32_t>(raw_size));
    put_at(image, at + 20, static_cast<std::uint32_t>(image.size()));
}

inline Bytes pe_image(const PeRecipe& recipe) {
    Bytes image(recipe.headers_size);
    put_pe_headers(image, recipe);
    for (std::size_t i = 0; i < recipe.sections.size(); ++i) {
        const auto& [name, content, alignment] = recipe.sections[i];
        const auto raw_size = (content.size() + alignment - 1) / alignment * alignment;
        put_pe_section(image, recipe, i, raw_size);
        append(image, content);
        image.resize(image.size() + raw_size - content.size());
    }
    append(image, recipe.trailing);
    if (!recipe.certificate.empty()) {
        put_at(image, pe_certificate_entry_at(recipe), static_cast<std::uint32_t>(image.size()));
        put_at(image, pe_certificate_entry_at(recipe) + 4, static_cast<std::uint32_t>(recipe.certificate.size()));
        append(image, recipe.certificate);
    }
    return image;
}

/// Two sections, and something behind them.
inline PeRecipe plain_pe() {
    return {.sections = {{".text", pattern(0x300, 7)}, {".data", pattern(0x1f0, 77)}}, .trailing = pattern(24, 3)};
}

}  // namespace hallmark::test
