// SPDX-License-Identifier: Apache-2.0
// The structures of an IGVM file: a fixed header, a list of typed variable headers, and file data that they refer to.
// Source: microsoft/igvm, crate igvm_defs 0.4.0 (the specification of the format, versions 1 and 2), revision 0f363b7,
// https://docs.rs/igvm_defs/0.4.0/.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "common/endian.hpp"

namespace hallmark::igvm {

constexpr std::uint32_t kMagic = 0x4D564749;  // "IGVM"
constexpr std::size_t kPageSize = 4096;
constexpr std::size_t kLargePageSize = std::size_t{2} * 1024 * 1024;

/// IGVM_FIXED_HEADER; version 2 goes on with FixedHeaderV2.
struct FixedHeader {
    Le32 magic;                   // 00
    Le32 format_version;          // 04
    Le32 variable_header_offset;  // 08: a multiple of 8
    Le32 variable_header_size;    // 0c
    Le32 total_file_size;         // 10
    Le32 checksum;                // 14: CRC-32 of the fixed and the variable headers, with 0 in this field
};
static_assert(sizeof(FixedHeader) == 0x18 && alignof(FixedHeader) == 1);
static_assert(offsetof(FixedHeader, format_version) == 0x04);
static_assert(offsetof(FixedHeader, variable_header_offset) == 0x08);
static_assert(offsetof(FixedHeader, variable_header_size) == 0x0c);
static_assert(offsetof(FixedHeader, total_file_size) == 0x10);
static_assert(offsetof(FixedHeader, checksum) == 0x14);

/// What IGVM_FIXED_HEADER_V2 has beyond IGVM_FIXED_HEADER.
struct FixedHeaderV2 {
    Le32 architecture;  // 18
    Le32 page_size;     // 1c: a power of two
};
static_assert(sizeof(FixedHeaderV2) == 8 && offsetof(FixedHeaderV2, page_size) == 4);

enum class Architecture : std::uint32_t { kX64 = 0, kAarch64 = 1 };

/// IgvmVariableHeaderType. A loader may pass over a header that it doesn't know if the highest bit is set.
enum class HeaderType : std::uint32_t {
    kSupportedPlatform = 0x1,
    kGuestPolicy = 0x101,
    kRelocatableRegion = 0x102,
    kPageTableRelocation = 0x103,
    kParameterArea = 0x301,
    kPageData = 0x302,
    kParameterInsert = 0x303,
    kVpContext = 0x304,
    kRequiredMemory = 0x305,
    kVpCount = 0x307,
    kSrat = 0x308,
    kMadt = 0x309,
    kMmioRanges = 0x30A,
    kSnpIdBlock = 0x30B,
    kMemoryMap = 0x30C,
    kErrorRange = 0x30D,
    kCommandLine = 0x30E,
    kSlit = 0x30F,
    kPptt = 0x310,
    kVbsMeasurement = 0x311,
    kDeviceTree = 0x312,
    kEnvironmentInfo = 0x313,
};
constexpr std::uint32_t kMayBeIgnored = 0x80000000;

/// The ranges of types, in whose order they stand in a file.
constexpr std::uint32_t kLastPlatformType = 0x100;
constexpr std::uint32_t kLastInitializationType = 0x200;
constexpr std::uint32_t kFirstDirectiveType = 0x301;
constexpr std::uint32_t kLastDirectiveType = 0x400;

/// IGVM_VHS_VARIABLE_HEADER, in front of every structure; each begins at a multiple of 8.
struct VariableHeader {
    Le32 type;    // 00
    Le32 length;  // 04: of the structure, without its padding
};
static_assert(sizeof(VariableHeader) == 8 && offsetof(VariableHeader, length) == 4);

enum class PlatformType : std::uint8_t {
    kNative = 0,
    kVsmIsolation = 1,
    kSevSnp = 2,
    kTdx = 3,
    kSev = 4,
    kSevEs = 5,
};

struct SupportedPlatform {
    Le32 compatibility_mask;       // 00: one bit, by which other headers name this platform
    std::uint8_t highest_vtl = 0;  // 04
    PlatformType type{};           // 05
    Le16 version;                  // 06
    Le64 shared_gpa_boundary;      // 08
};
static_assert(sizeof(SupportedPlatform) == 0x10 && alignof(SupportedPlatform) == 1);
static_assert(offsetof(SupportedPlatform, highest_vtl) == 0x04);
static_assert(offsetof(SupportedPlatform, type) == 0x05);
static_assert(offsetof(SupportedPlatform, version) == 0x06);
static_assert(offsetof(SupportedPlatform, shared_gpa_boundary) == 0x08);

struct GuestPolicy {
    Le64 policy;              // 00: of SNP as in its guest policy; of TDX: debug, SEPT_VE_DISABLE, migratable
    Le32 compatibility_mask;  // 08
    Le32 reserved_0c;         // 0c
};
static_assert(sizeof(GuestPolicy) == 0x10 && offsetof(GuestPolicy, compatibility_mask) == 0x08);
static_assert(offsetof(GuestPolicy, reserved_0c) == 0x0c);

struct RelocatableRegion {
    Le32 compatibility_mask;  // 00
    Le16 vp_index;            // 04
    std::uint8_t vtl = 0;     // 06
    std::uint8_t flags = 0;   // 07
    Le64 alignment;           // 08
    Le64 gpa;                 // 10
    Le64 size;                // 18
    Le64 minimum_gpa;         // 20
    Le64 maximum_gpa;         // 28
};
static_assert(sizeof(RelocatableRegion) == 0x30 && alignof(RelocatableRegion) == 1);
static_assert(offsetof(RelocatableRegion, vp_index) == 0x04 && offsetof(RelocatableRegion, vtl) == 0x06);
static_assert(offsetof(RelocatableRegion, flags) == 0x07 && offsetof(RelocatableRegion, alignment) == 0x08);
static_assert(offsetof(RelocatableRegion, gpa) == 0x10 && offsetof(RelocatableRegion, size) == 0x18);
static_assert(offsetof(RelocatableRegion, minimum_gpa) == 0x20 && offsetof(RelocatableRegion, maximum_gpa) == 0x28);

struct PageTableRelocation {
    Le32 compatibility_mask;       // 00
    Le16 vp_index;                 // 04
    std::uint8_t vtl = 0;          // 06
    std::uint8_t reserved_07 = 0;  // 07
    Le64 gpa;                      // 08
    Le64 size;                     // 10
    Le64 used_size;                // 18
};
static_assert(sizeof(PageTableRelocation) == 0x20 && alignof(PageTableRelocation) == 1);
static_assert(offsetof(PageTableRelocation, vp_index) == 0x04 && offsetof(PageTableRelocation, vtl) == 0x06);
static_assert(offsetof(PageTableRelocation, reserved_07) == 0x07 && offsetof(PageTableRelocation, gpa) == 0x08);
static_assert(offsetof(PageTableRelocation, size) == 0x10 && offsetof(PageTableRelocation, used_size) == 0x18);

struct ParameterArea {
    Le64 size;         // 00: whole pages
    Le32 index;        // 08
    Le32 file_offset;  // 0c: of the first content, 0: zeros
};
static_assert(sizeof(ParameterArea) == 0x10 && offsetof(ParameterArea, index) == 0x08);
static_assert(offsetof(ParameterArea, file_offset) == 0x0c);

enum class PageDataType : std::uint16_t { kNormal = 0, kSecrets = 1, kCpuid = 2, kCpuidXf = 3 };

/// Bits of PageData::flags.
constexpr std::uint32_t kPageIsLarge = 1U << 0;
constexpr std::uint32_t kPageIsUnmeasured = 1U << 1;
constexpr std::uint32_t kPageIsShared = 1U << 2;

struct PageData {
    Le64 gpa;                 // 00
    Le32 compatibility_mask;  // 08
    Le32 file_offset;         // 0c: from the begin of the file, 0: a page of zeros
    Le32 flags;               // 10
    Le16 data_type;           // 14
    Le16 reserved_16;         // 16
};
static_assert(sizeof(PageData) == 0x18 && offsetof(PageData, compatibility_mask) == 0x08);
static_assert(offsetof(PageData, file_offset) == 0x0c && offsetof(PageData, flags) == 0x10);
static_assert(offsetof(PageData, data_type) == 0x14 && offsetof(PageData, reserved_16) == 0x16);

struct ParameterInsert {
    Le64 gpa;                 // 00
    Le32 compatibility_mask;  // 08
    Le32 index;               // 0c: of a parameter area
};
static_assert(sizeof(ParameterInsert) == 0x10 && offsetof(ParameterInsert, compatibility_mask) == 0x08);
static_assert(offsetof(ParameterInsert, index) == 0x0c);

/// IGVM_VHS_PARAMETER: where the loader puts something that it knows (VP count, ACPI tables, memory map, …).
struct Parameter {
    Le32 index;        // 00: of a parameter area
    Le32 byte_offset;  // 04
};
static_assert(sizeof(Parameter) == 8 && offsetof(Parameter, byte_offset) == 4);

struct VpContext {
    Le64 gpa;                 // 00: of the VMSA
    Le32 compatibility_mask;  // 08
    Le32 file_offset;         // 0c
    Le16 vp_index;            // 10
    Le16 reserved_12;         // 12
};
static_assert(sizeof(VpContext) == 0x14 && offsetof(VpContext, compatibility_mask) == 0x08);
static_assert(offsetof(VpContext, file_offset) == 0x0c && offsetof(VpContext, vp_index) == 0x10);
static_assert(offsetof(VpContext, reserved_12) == 0x12);

struct RequiredMemory {
    Le64 gpa;                 // 00
    Le32 compatibility_mask;  // 08
    Le32 size;                // 0c
    Le32 flags;               // 10
    Le32 reserved_14;         // 14
};
static_assert(sizeof(RequiredMemory) == 0x18 && offsetof(RequiredMemory, compatibility_mask) == 0x08);
static_assert(offsetof(RequiredMemory, size) == 0x0c && offsetof(RequiredMemory, flags) == 0x10);
static_assert(offsetof(RequiredMemory, reserved_14) == 0x14);

struct ErrorRange {
    Le64 gpa;                 // 00
    Le32 compatibility_mask;  // 08
    Le32 size;                // 0c
};
static_assert(sizeof(ErrorRange) == 0x10 && offsetof(ErrorRange, compatibility_mask) == 0x08);
static_assert(offsetof(ErrorRange, size) == 0x0c);

/// r and s little-endian, as in AMD publication 56860.
struct IdBlockSignature {
    std::array<std::uint8_t, 72> r{};
    std::array<std::uint8_t, 72> s{};
};
static_assert(sizeof(IdBlockSignature) == 0x90);

/// Has four bytes after the curve that the key that AMD's firmware signs and digests does not have.
struct IdBlockPublicKey {
    Le32 curve;                         // 00
    Le32 reserved_04;                   // 04
    std::array<std::uint8_t, 72> qx{};  // 08
    std::array<std::uint8_t, 72> qy{};  // 50
};
static_assert(sizeof(IdBlockPublicKey) == 0x98 && offsetof(IdBlockPublicKey, reserved_04) == 0x04);
static_assert(offsetof(IdBlockPublicKey, qx) == 0x08 && offsetof(IdBlockPublicKey, qy) == 0x50);

struct SnpIdBlock {
    Le32 compatibility_mask;                       // 000
    std::uint8_t author_key_enabled = 0;           // 004
    std::array<std::uint8_t, 3> reserved_005{};    // 005
    std::array<std::uint8_t, 48> launch_digest{};  // 008
    std::array<std::uint8_t, 16> family_id{};      // 038
    std::array<std::uint8_t, 16> image_id{};       // 048
    Le32 version;                                  // 058
    Le32 guest_svn;                                // 05c
    Le32 id_key_algorithm;                         // 060
    Le32 author_key_algorithm;                     // 064
    IdBlockSignature id_key_signature;             // 068
    IdBlockPublicKey id_public_key;                // 0f8
    IdBlockSignature author_key_signature;         // 190
    IdBlockPublicKey author_public_key;            // 220
};
static_assert(sizeof(SnpIdBlock) == 0x2b8 && alignof(SnpIdBlock) == 1);
static_assert(offsetof(SnpIdBlock, author_key_enabled) == 0x004 && offsetof(SnpIdBlock, reserved_005) == 0x005);
static_assert(offsetof(SnpIdBlock, launch_digest) == 0x008 && offsetof(SnpIdBlock, family_id) == 0x038);
static_assert(offsetof(SnpIdBlock, image_id) == 0x048 && offsetof(SnpIdBlock, version) == 0x058);
static_assert(offsetof(SnpIdBlock, guest_svn) == 0x05c && offsetof(SnpIdBlock, id_key_algorithm) == 0x060);
static_assert(offsetof(SnpIdBlock, author_key_algorithm) == 0x064);
static_assert(offsetof(SnpIdBlock, id_key_signature) == 0x068 && offsetof(SnpIdBlock, id_public_key) == 0x0f8);
static_assert(offsetof(SnpIdBlock, author_key_signature) == 0x190 && offsetof(SnpIdBlock, author_public_key) == 0x220);

struct VbsMeasurement {
    Le32 compatibility_mask;                     // 000
    Le32 version;                                // 004
    Le32 product_id;                             // 008
    Le32 module_id;                              // 00c
    Le32 security_version;                       // 010
    Le32 policy_flags;                           // 014
    Le32 boot_digest_algorithm;                  // 018
    Le32 signing_algorithm;                      // 01c
    std::array<std::uint8_t, 64> boot_digest{};  // 020
    std::array<std::uint8_t, 256> signature{};   // 060
    std::array<std::uint8_t, 512> public_key{};  // 160
};
static_assert(sizeof(VbsMeasurement) == 0x360 && alignof(VbsMeasurement) == 1);
static_assert(offsetof(VbsMeasurement, version) == 0x004 && offsetof(VbsMeasurement, product_id) == 0x008);
static_assert(offsetof(VbsMeasurement, module_id) == 0x00c && offsetof(VbsMeasurement, security_version) == 0x010);
static_assert(offsetof(VbsMeasurement, policy_flags) == 0x014);
static_assert(offsetof(VbsMeasurement, boot_digest_algorithm) == 0x018);
static_assert(offsetof(VbsMeasurement, signing_algorithm) == 0x01c);
static_assert(offsetof(VbsMeasurement, boot_digest) == 0x020 && offsetof(VbsMeasurement, signature) == 0x060);
static_assert(offsetof(VbsMeasurement, public_key) == 0x160);

}  // namespace hallmark::igvm
