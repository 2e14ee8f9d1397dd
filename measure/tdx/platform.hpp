// SPDX-License-Identifier: Apache-2.0
// RTMR0: what firmware measures of its platform before it starts anything, and the boot options it then chooses from.
// Source: edk2, OvmfPkg/Library/PlatformInitLib (IntelTdx), OvmfPkg/Tcg/TdTcg2Dxe, OvmfPkg/AcpiPlatformDxe,
// MdeModulePkg/Universal/SmbiosMeasurementDxe, at the releases of measure/tdx/layout.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/bytes.hpp"
#include "common/result.hpp"
#include "measure/ovmf/tdx_metadata.hpp"
#include "measure/ovmf/traits.hpp"
#include "measure/tdx/acpi.hpp"
#include "measure/tdx/event.hpp"
#include "measure/tdx/layout.hpp"

namespace hallmark::tdx {

using Assumptions = std::vector<std::string>;

/// What the events of RTMR0 follow from.
struct Platform {
    ByteSpan image;    ///< the whole firmware
    std::string what;  ///< names it in errors
    std::vector<ovmf::TdxSection> sections;
    ovmf::FirmwareTraits traits;
    Layout layout;
    std::optional<std::uint64_t> memory;  ///< of the guest, in bytes
    std::vector<AcpiBlob> acpi;           ///< empty: not given
};

/// A variable that the user read from a running guest; the bytes are its value.
struct GivenVariable {
    std::string name;
    Bytes data;
};

/// From the hand-off blocks up to the ACPI tables. `from_kernel`: a kernel from QEMU is booted, not a disk.
Status add_platform_events(EventList& list, Assumptions& assumptions, const Platform& platform, bool from_kernel);

/// The SMBIOS tables, where the release measures them; and where the release is old enough, nothing.
void add_smbios_event(EventList& list, const Layout& layout);

/// The boot options of a direct boot: those that the firmware has of itself.
void add_own_boot_options(EventList& list, Assumptions& assumptions, const Layout& layout);

/// The boot options of a boot from disk, which depend on the devices: as given, BootOrder first, or unknown.
void add_given_boot_options(EventList& list, const std::vector<GivenVariable>& options);

/// The separator at ready-to-boot, in the register of the release.
void add_ready_to_boot(EventList& list, const Layout& layout);

}  // namespace hallmark::tdx
