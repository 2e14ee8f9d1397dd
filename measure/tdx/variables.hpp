// SPDX-License-Identifier: Apache-2.0
// UEFI variables as firmware measures them.
// Source: UEFI Specification 2.10, sections 3.1.1 (Boot#### and BootOrder), 3.1.3 (EFI_LOAD_OPTION), 10.3 (device
// paths) and 32.4 (Secure Boot variables); TCG PC Client Platform Firmware Profile 1.06, section 10.2.6
// (UEFI_VARIABLE_DATA).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/guid.hpp"

namespace hallmark::tdx {

constexpr Guid kGlobalVariables = guid("8be4df61-93ca-11d2-aa0d-00e098032b8c");
constexpr Guid kSecurityDatabases = guid("d719b2cb-3d3a-4596-a3bc-dad00e67656f");

/// ASCII as UTF-16LE, without a final NUL.
[[nodiscard]] Bytes utf16(std::string_view text);

/// UEFI_VARIABLE_DATA: what a digest of a Secure Boot variable covers. A variable that isn't there has no data.
[[nodiscard]] Bytes variable_data(const Guid& vendor, std::string_view name, ByteSpan data);

/// EFI_LOAD_OPTION of an application in a firmware volume.
struct FirmwareApplication {
    std::uint32_t attributes = 0;
    std::string_view description;
    Guid volume;
    Guid file;
};
[[nodiscard]] Bytes load_option(const FirmwareApplication& application);

/// BootOrder with the options 0 to `count` - 1.
[[nodiscard]] Bytes boot_order(std::uint16_t count);

}  // namespace hallmark::tdx
