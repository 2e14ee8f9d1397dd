// SPDX-License-Identifier: Apache-2.0
// The SEV metadata of an OVMF image: which guest pages the hypervisor prepares at launch.
// Source: edk2, OvmfPkg/ResetVector/X64/OvmfSevMetadata.asm, edk2-stable202405.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/bytes.hpp"
#include "common/result.hpp"
#include "measure/ovmf/guid_table.hpp"
#include "measure/ovmf/image_end.hpp"
#include "measure/ovmf/layout.hpp"

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

/// What a type is called; "unknown section" for one that SevSectionType doesn't list.
std::string_view name_of(SevSectionType type);

/// What becomes of a section whose type is not in SevSectionType: an error, since hypervisors disagree on it, or taken
/// as it is.
enum class UnknownSections { kRefuse, kTake };

/// One more section after others that were checked: whole pages that end below `lowest_firmware`, where the firmware
/// begins, and overlap no other. `place` names it in errors.
Status check_section(std::span<const SevSection> earlier, const SevSection& section, std::uint64_t lowest_firmware,
                     UnknownSections unknown, const std::string& place);

/// Far more than any firmware has; keeps the check for overlaps, which compares all pairs, short.
constexpr std::uint32_t kMostSections = 256;

/// How an image's sections are checked.
struct SectionRules {
    std::uint64_t image_end = kFourGiB;  ///< guest physical address; at least the image's size
    UnknownSections unknown = UnknownSections::kRefuse;
};

/// The sections in the order of the image, which is the order of their measurement; each was checked.
Result<std::vector<SevSection>> parse_sev_metadata(const ImageEnd& image, const GuidTable& table,
                                                   const std::string& what, const SectionRules& rules = {});

}  // namespace hallmark::ovmf
