// SPDX-License-Identifier: Apache-2.0
// The SEV metadata of an OVMF image: which guest pages the hypervisor prepares at launch.
// Source: edk2, OvmfPkg/ResetVector/X64/OvmfSevMetadata.asm, edk2-stable202405.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/bytes.hpp"
#include "common/result.hpp"
#include "measure/ovmf/guid_table.hpp"

namespace hallmark::ovmf {

enum class SevSectionType : std::uint32_t {
    kMemory = 1,           ///< SNP_SEC_MEM: measured as zero pages
    kSecrets = 2,          ///< filled by the security processor
    kCpuid = 3,            ///< checked by the security processor
    kSvsmCallingArea = 4,  ///< measured as zero pages
    kKernelHashes = 0x10,  ///< the hash table of kernel, initrd and command line, or zero
};

/// Guest pages of one kind: a positive number of 4 KiB pages below 4 GiB.
struct SevSection {
    std::uint32_t gpa = 0;   ///< guest physical address of the first page
    std::uint32_t size = 0;  ///< in bytes
    SevSectionType type = SevSectionType::kMemory;

    [[nodiscard]] std::uint64_t end() const { return std::uint64_t{gpa} + size; }
};

/// The sections in the order of the image, which is the order of their measurement. They are whole pages, do not
/// overlap each other or the firmware itself (which ends at 4 GiB), and their types are known.
Result<std::vector<SevSection>> parse_sev_metadata(ByteSpan image, const GuidTable& table, const std::string& what);

}  // namespace hallmark::ovmf
