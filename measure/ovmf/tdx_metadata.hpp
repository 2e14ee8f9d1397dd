// SPDX-License-Identifier: Apache-2.0
// The TDX metadata of a firmware image: which guest pages the hypervisor adds before a trust domain starts.
// Source: Intel "TDX Virtual Firmware Design Guide", 344991-004, section 11.2 (TDVF descriptor); edk2,
// OvmfPkg/ResetVector/X64/IntelTdxMetadata.asm, edk2-stable202405.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::ovmf {

enum class TdxSectionType : std::uint32_t {
    kFirmwareVolume = 0,       ///< BFV: code, with the reset vector
    kConfigurationVolume = 1,  ///< CFV: the variable store as shipped
    kHandOff = 2,              ///< TD_HOB: where the hypervisor describes memory
    kTemporaryMemory = 3,      ///< TEMP_MEM: stack, heap, page tables
    kPermanentMemory = 4,      ///< PERM_MEM (td-shim)
    kPayload = 5,              ///< PAYLOAD (td-shim)
    kPayloadParameter = 6,     ///< PAYLOAD_PARAM (td-shim)
    kTdInfo = 7,               ///< TD_INFO (td-shim): takes no memory
    kTdParameters = 8,         ///< TD_PARAMS (td-shim)
};

/// "BFV", "CFV", "TD_HOB", …
[[nodiscard]] std::string_view name_of(TdxSectionType type);

/// Attributes of a section.
constexpr std::uint32_t kMeasured = 1U << 0;    ///< MR.EXTEND: the contents go into MRTD
constexpr std::uint32_t kAddedLater = 1U << 1;  ///< PAGE.AUG: neither added nor measured at the build of the domain

/// Guest pages of one kind: whole 4 KiB pages, of which the first `data_size` bytes stand in the image and the rest
/// is zero.
struct TdxSection {
    std::uint32_t data_offset = 0;  ///< in the image
    std::uint32_t data_size = 0;    ///< at most `memory_size`
    std::uint64_t gpa = 0;
    std::uint64_t memory_size = 0;
    TdxSectionType type = TdxSectionType::kFirmwareVolume;
    std::uint32_t attributes = 0;

    [[nodiscard]] std::uint64_t end() const { return gpa + memory_size; }
    [[nodiscard]] ByteSpan data(ByteSpan image) const { return image.subspan(data_offset, data_size); }
};

/// The sections in the order of the image, which is the order of their measurement. Their data lie inside the image,
/// and the pages that are added at the build are at most 1 GiB. Code without its variables (OVMF_CODE.fd) is refused
/// with the remedy: its offsets count from the begin of the variables. `what` names the image in errors.
Result<std::vector<TdxSection>> parse_tdx_metadata(ByteSpan image, const std::string& what);

}  // namespace hallmark::ovmf
