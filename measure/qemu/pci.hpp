// SPDX-License-Identifier: Apache-2.0
// What firmware does to the chipset and the devices on its root bus before it asks for ACPI tables, as far as they
// depend on it.
// Source: PCI Local Bus Specification 3.0, sections 3.2.2.3.2 and 6.2.5; PCI-to-PCI Bridge Architecture Specification
// 1.2, section 3.2.5.9; Intel 316966 (MCH: PCIEXBAR) and 316972 (ICH9 LPC: PMBASE, ACPI_CNTL).
#pragma once

#include <cstdint>
#include <optional>

#include "common/result.hpp"
#include "measure/qemu/qtest.hpp"

namespace hallmark::qemu {

/// Sets PCIEXBAR, PMBASE and ACPI_EN as OVMF does (edk2, OvmfPkg/PlatformPei, edk2-stable202502). An error where the
/// machine is no q35, the only one that starts TDX guests.
Status set_up_chipset(Qtest& qtest);

/// What may be placed above 4 GiB: a register of a device on the root bus.
struct WideRegister {
    std::uint32_t function = 0;  ///< bus, device and function, as CONFIG_ADDRESS has them
    std::uint8_t offset = 0;
    bool bridge = false;  ///< the window of a bridge, instead of a base address
};

/// The first 64-bit base address register of the root bus, or prefetchable window of a bridge there.
Result<std::optional<WideRegister>> find_wide_register(Qtest& qtest);

/// Places it, and has it decoded.
Status place(Qtest& qtest, const WideRegister& where, std::uint64_t address);

}  // namespace hallmark::qemu
