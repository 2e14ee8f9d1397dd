// SPDX-License-Identifier: Apache-2.0
// The boot options that OVMF makes of its own applications.
// Source: edk2, OvmfPkg/Library/PlatformBootManagerLib/BdsPlatform.c and MdeModulePkg/Library/UefiBootManagerLib, at
// the releases of measure/tdx/layout.hpp; UEFI Specification 2.10, section 3.1.3 (attributes).
#pragma once

#include <span>
#include <string>

#include "measure/tdx/layout.hpp"
#include "measure/tdx/variables.hpp"

namespace hallmark::tdx {

/// Boot0000 first. In a direct boot there are no others.
[[nodiscard]] std::span<const FirmwareApplication> own_boot_options(const Layout& layout);

/// "Boot0001"; `number` is below 10, as those of the firmware itself are.
[[nodiscard]] std::string boot_option_name(std::size_t number);

}  // namespace hallmark::tdx
