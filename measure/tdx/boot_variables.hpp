// SPDX-License-Identifier: Apache-2.0
// The boot options of a machine that has booted, as its owner read them.
// Source: UEFI Specification 2.10, section 3.1.1; Linux, Documentation/filesystems/efivarfs.rst.
#pragma once

#include <filesystem>
#include <vector>

#include "common/result.hpp"
#include "measure/tdx/platform.hpp"

namespace hallmark::tdx {

/// BootOrder, then every option that it names, from a folder: either as Linux has them under /sys/firmware/efi/efivars
/// ("BootOrder-8be4df61-…", four bytes of attributes in front), or the bare values as "BootOrder", "Boot0000".
Result<std::vector<GivenVariable>> read_boot_variables(const std::filesystem::path& folder);

}  // namespace hallmark::tdx
