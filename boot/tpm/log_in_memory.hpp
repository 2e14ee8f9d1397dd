// SPDX-License-Identifier: Apache-2.0
// The firmware's event log where a running kernel has it. Firmware keeps its log in memory that it gives up when boot
// services end; Linux' EFI stub copies it before that, and what comes later the firmware writes into a table of its
// own. OVMF leaves the log area that an ACPI table TPM2 names empty, so that way leads nowhere. Source: TCG "EFI
// Protocol Specification", family 2.0, revision 0.13, section 7 (EFI_TCG2_FINAL_EVENTS_TABLE); Linux 6.12,
// include/linux/efi.h (LINUX_EFI_TPM_EVENT_LOG_GUID, struct linux_efi_tpm_eventlog); UEFI Specification 2.10,
// section 4.6 (EFI_CONFIGURATION_TABLE).
#pragma once

#include <cstdint>

#include "boot/qemu/memory.hpp"
#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::boot::tpm {

struct LogInMemory {
    std::uint64_t address = 0;  ///< of the stub's copy, in which all stands but the events behind it
    Bytes bytes;                ///< the whole log, up to the moment at which the kernel took over
};

/// Finds and reads the log of a guest whose kernel runs. Refused where there is none, more than one, or one that is not
/// whole. Memory is the guest's: what is found says what was measured only as far as a TPM agrees.
Result<LogInMemory> find_log(const GuestMemory& memory);

}  // namespace hallmark::boot::tpm
