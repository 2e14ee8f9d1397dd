// SPDX-License-Identifier: Apache-2.0
// The headers of an executable that UEFI loads.
// Source: Microsoft "PE Format" (PE and COFF specification, revision 11), sections "MS-DOS Stub", "COFF File Header",
// "Optional Header" and "Section Table".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "common/endian.hpp"

namespace hallmark::pe {

constexpr std::uint16_t kDosMagic = 0x5a4d;         // "MZ"
constexpr std::uint32_t kPeSignature = 0x00004550;  // "PE\0\0"
constexpr std::size_t kPeHeaderField = 0x3c;        // e_lfanew: where the signature stands
constexpr std::uint16_t kOptionalMagicPe32 = 0x10b;
constexpr std::uint16_t kOptionalMagicPe32Plus = 0x20b;

enum class Machine : std::uint16_t {
    kI386 = 0x014c,
    kAmd64 = 0x8664,
    kArm64 = 0xaa64,
};

enum class Subsystem : std::uint16_t {
    kEfiApplication = 10,
    kEfiBootServiceDriver = 11,
    kEfiRuntimeDriver = 12,
};

struct CoffHeader {
    Le16 machine;               // 00
    Le16 section_count;         // 02
    Le32 time_stamp;            // 04
    Le32 symbol_table_offset;   // 08
    Le32 symbol_count;          // 0c
    Le16 optional_header_size;  // 10
    Le16 characteristics;       // 12
};
static_assert(sizeof(CoffHeader) == 20 && alignof(CoffHeader) == 1);
static_assert(offsetof(CoffHeader, section_count) == 0x02);
static_assert(offsetof(CoffHeader, time_stamp) == 0x04);
static_assert(offsetof(CoffHeader, symbol_table_offset) == 0x08);
static_assert(offsetof(CoffHeader, symbol_count) == 0x0c);
static_assert(offsetof(CoffHeader, optional_header_size) == 0x10);
static_assert(offsetof(CoffHeader, characteristics) == 0x12);

/// What the optional headers of PE32 and PE32+ have at the same offsets.
struct OptionalHeaderCommon {
    Le16 magic;                                       // 00
    std::array<std::uint8_t, 14> linker_and_sizes{};  // 02
    Le32 entry_point;                                 // 10
    std::array<std::uint8_t, 40> bases_to_sizes{};    // 14; ImageBase differs in place and size
    Le32 headers_size;                                // 3c, SizeOfHeaders
    Le32 checksum;                                    // 40
    Le16 subsystem;                                   // 44
    Le16 dll_characteristics;                         // 46
};
static_assert(sizeof(OptionalHeaderCommon) == 0x48 && alignof(OptionalHeaderCommon) == 1);
static_assert(offsetof(OptionalHeaderCommon, linker_and_sizes) == 0x02);
static_assert(offsetof(OptionalHeaderCommon, entry_point) == 0x10);
static_assert(offsetof(OptionalHeaderCommon, bases_to_sizes) == 0x14);
static_assert(offsetof(OptionalHeaderCommon, headers_size) == 0x3c);
static_assert(offsetof(OptionalHeaderCommon, checksum) == 0x40);
static_assert(offsetof(OptionalHeaderCommon, subsystem) == 0x44);
static_assert(offsetof(OptionalHeaderCommon, dll_characteristics) == 0x46);

/// Where NumberOfRvaAndSizes stands in the optional header; the data directories follow it.
constexpr std::size_t kDirectoryCountPe32 = 0x5c;
constexpr std::size_t kDirectoryCountPe32Plus = 0x6c;

/// IMAGE_DATA_DIRECTORY. For certificates, and only for them, the address is an offset in the file.
struct DataDirectory {
    Le32 address;  // 0
    Le32 size;     // 4
};
static_assert(sizeof(DataDirectory) == 8 && alignof(DataDirectory) == 1 && offsetof(DataDirectory, size) == 4);

/// Index of the certificate table among the data directories (IMAGE_DIRECTORY_ENTRY_SECURITY).
constexpr std::size_t kCertificateTable = 4;

struct SectionHeader {
    std::array<char, 8> name{};  // 00, filled up with NUL
    Le32 virtual_size;           // 08
    Le32 virtual_address;        // 0c
    Le32 raw_size;               // 10, SizeOfRawData
    Le32 raw_offset;             // 14, PointerToRawData
    Le32 relocations_offset;     // 18
    Le32 line_numbers_offset;    // 1c
    Le16 relocation_count;       // 20
    Le16 line_number_count;      // 22
    Le32 characteristics;        // 24
};
static_assert(sizeof(SectionHeader) == 40 && alignof(SectionHeader) == 1);
static_assert(offsetof(SectionHeader, virtual_size) == 0x08);
static_assert(offsetof(SectionHeader, virtual_address) == 0x0c);
static_assert(offsetof(SectionHeader, raw_size) == 0x10);
static_assert(offsetof(SectionHeader, raw_offset) == 0x14);
static_assert(offsetof(SectionHeader, relocations_offset) == 0x18);
static_assert(offsetof(SectionHeader, line_numbers_offset) == 0x1c);
static_assert(offsetof(SectionHeader, relocation_count) == 0x20);
static_assert(offsetof(SectionHeader, line_number_count) == 0x22);
static_assert(offsetof(SectionHeader, characteristics) == 0x24);

}  // namespace hallmark::pe
