// SPDX-License-Identifier: Apache-2.0
// PAGE_INFO: what the security processor hashes for every page that is added to a guest at launch.
// Source: AMD "SEV Secure Nested Paging Firmware ABI Specification", publication 56860, revision 1.58,
// section 8.17 (SNP_LAUNCH_UPDATE), tables "PAGE_INFO" and "PAGE_TYPE encodings".
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/digest.hpp"
#include "common/endian.hpp"

namespace hallmark::snp {

enum class PageType : std::uint8_t {
    kNormal = 1,
    kVmsa = 2,
    kZero = 3,
    kUnmeasured = 4,
    kSecrets = 5,
    kCpuid = 6,
};

struct PageInfo {
    Sha384 digest_current{};            // 00: the launch digest so far
    Sha384 contents{};                  // 30: of the page, where its type measures the content; else zero
    Le16 length = std::uint16_t{0x70};  // 60: of this structure
    PageType page_type{};               // 62
    std::uint8_t is_migration_image{};  // 63: bit 0
    std::uint8_t reserved_64{};         // 64
    std::uint8_t vmpl1_permissions{};   // 65
    std::uint8_t vmpl2_permissions{};   // 66
    std::uint8_t vmpl3_permissions{};   // 67
    Le64 gpa;                           // 68: guest physical address
};

static_assert(sizeof(PageInfo) == 0x70 && alignof(PageInfo) == 1);
static_assert(offsetof(PageInfo, digest_current) == 0x00);
static_assert(offsetof(PageInfo, contents) == 0x30);
static_assert(offsetof(PageInfo, length) == 0x60);
static_assert(offsetof(PageInfo, page_type) == 0x62);
static_assert(offsetof(PageInfo, is_migration_image) == 0x63);
static_assert(offsetof(PageInfo, reserved_64) == 0x64);
static_assert(offsetof(PageInfo, vmpl1_permissions) == 0x65);
static_assert(offsetof(PageInfo, vmpl2_permissions) == 0x66);
static_assert(offsetof(PageInfo, vmpl3_permissions) == 0x67);
static_assert(offsetof(PageInfo, gpa) == 0x68);

}  // namespace hallmark::snp
