// SPDX-License-Identifier: Apache-2.0
// What OVMF measures by itself, whatever it boots.
// Source: TCG PC Client Platform Firmware Profile 1.06, sections 3.3.4 (PCR usage) and 10; as edk2 does it in
// SecurityPkg/Tcg/Tcg2Dxe/Tcg2Dxe.c (variables, actions, separators), edk2-stable202508; UEFI Specification 2.10,
// section 3.1 (boot options).
#pragma once

#include <vector>

#include "measure/tdx/layout.hpp"
#include "measure/tpm/event.hpp"

namespace hallmark::tpm {

/// What the variable SecureBoot holds: firmware built without Secure Boot has none.
enum class SecureBoot { kAbsent, kOff };

/// PCR 7 of a firmware without any enrolled key: SecureBoot, PK, KEK, db, dbx, then the separator.
[[nodiscard]] std::vector<Event> secure_boot_events(SecureBoot state);

/// PCR 1 of a direct boot: BootOrder and what it names, none of which starts anything.
[[nodiscard]] std::vector<Event> boot_variable_events(const tdx::Layout& layout);

/// "Calling EFI Application from Boot Option" in PCR 4, when a boot option is tried.
[[nodiscard]] Event calling_application();

/// The separators of PCR 0 to 6, when a boot option is tried for the first time.
[[nodiscard]] std::vector<Event> separators();

/// PCR 5, when the kernel takes the machine over.
[[nodiscard]] std::vector<Event> exit_boot_services();

}  // namespace hallmark::tpm
