// SPDX-License-Identifier: Apache-2.0
// What an OVMF image is, as far as its content shows: strings and names of its drivers, most of which lie compressed.
// Source: UEFI Platform Initialization Specification 1.8, volume 3, section 3.2.5.7 (GUIDed sections); edk2,
// MdeModulePkg/Include/Guid/LzmaDecompress.h, OvmfPkg/IntelTdx/IntelTdxX64.fdf, edk2-stable202502.
#pragma once

#include <optional>
#include <string>

#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::ovmf {

struct FirmwareTraits {
    bool readable = false;      ///< a compressed volume was found and read; without one, nothing below is known
    bool measures_td = false;   ///< has the code that measures into RTMRs
    bool tdx_only = false;      ///< built from IntelTdxX64.dsc: no PEI phase, fw_cfg measured where it is read
    bool secure_boot = false;   ///< has Secure Boot
    bool named_blobs = false;   ///< reads etc/boot/* from fw_cfg
    bool boot_menu = false;     ///< has the boot options "BootManagerMenuApp" and "EFI Firmware Setup"
    bool initrd_first = false;  ///< writes "initrd=initrd " in front of the command line
    bool initrd_last = false;   ///< writes " initrd=initrd" behind the command line
    std::optional<std::string> version{};  ///< of its release, "2025.02", where the builder gave one
};

/// Looks into the image and, in little memory, into what it has compressed (at most 64 MiB of it).
[[nodiscard]] FirmwareTraits firmware_traits(ByteSpan image);

}  // namespace hallmark::ovmf
