// SPDX-License-Identifier: Apache-2.0
// The ACPI tables that QEMU hands over, as firmware measures them: raw, before it patches addresses and checksums in.
// Source: QEMU 10.1, hw/acpi/bios-linker-loader.c (BiosLinkerLoaderEntry); edk2,
// OvmfPkg/AcpiPlatformDxe/QemuFwCfgAcpi.c, edk2-stable202502.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/result.hpp"
#include "measure/qemu/stock_qemu.hpp"

namespace hallmark::tdx {

/// One file of fw_cfg and its digest.
struct AcpiBlob {
    std::string name;              ///< "etc/acpi/tables"
    std::optional<Sha384> digest;  ///< nothing where it isn't known, for the reason:
    std::string reason = {};
};

/// The files that the loader script allocates, in its order. `what` names the script in errors.
Result<std::vector<std::string>> allocated_files(ByteSpan loader, const std::string& what);

/// The script and all that it allocates, from a folder: either as a running guest has them under
/// /sys/firmware/qemu_fw_cfg/by_name ("etc/table-loader/raw"), or as plain files "table-loader", "rsdp", "tables".
Result<std::vector<AcpiBlob>> read_acpi(const std::filesystem::path& folder);

/// The same from a stock QEMU. Of the tables no digest is given where they depend on what isn't known: QEMU writes the
/// place of the lowest 64-bit BAR into them, which only the firmware chooses.
Result<std::vector<AcpiBlob>> acpi_from_qemu(const qemu::Machine& machine);

}  // namespace hallmark::tdx
