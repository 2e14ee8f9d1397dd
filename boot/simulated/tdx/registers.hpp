// SPDX-License-Identifier: Apache-2.0
// What the registers of a trust domain would be, from the log that the same firmware wrote for a TPM.
// Source: UEFI Specification 2.10, section 38.4.1 (PCR to RTMR); edk2, OvmfPkg/Tcg/TdTcg2Dxe and
// SecurityPkg/Tcg/Tcg2Dxe, edk2-stable202411, for the separators of either; QEMU 11.1, hw/acpi/tpm.c and
// hw/i386/acpi-build.c, for the file etc/tpm/log.
#pragma once

#include <array>
#include <vector>

#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/formats/event_log.hpp"
#include "common/result.hpp"
#include "measure/tdx/event.hpp"

namespace hallmark::boot {

/// One extension of an RTMR.
struct Extension {
    tdx::Register where{};
    event_log::EventType type{};
    Sha384 digest{};
    Bytes data{};  ///< as the log has it: what the digest covers, or of what kind that is
};

/// The extensions that TDX would have seen, in their order. PCR 1 and 7 go into RTMR0, 2 to 6 into RTMR1, 8 to 15 into
/// RTMR2, and PCR 0 is left out, whose part MRTD has. At ready-to-boot TDX has one separator for the seven of PCR 0 to
/// 6, in RTMR1 or, in older firmware, RTMR0. The event of etc/tpm/log, an empty file that only machines with a TPM
/// have, is left out. Refused where the log has no such event, other separators, a PCR above 15, or no SHA-384.
Result<std::vector<Extension>> as_tdx(const event_log::EventLog& log, bool separator_in_rtmr1);

/// What the guest itself extended into RTMR3, by the log that it gives: entries of its attestation agent, each with the
/// digest of its data. Refused with the first that is something else.
Result<std::vector<Extension>> runtime_extensions(ByteSpan log);

/// The log that the firmware of a trust domain would have written of them, as the ACPI table CCEL names it.
Bytes guest_log(const std::vector<Extension>& extensions);

/// RTMR0 to RTMR3 after these extensions.
std::array<Sha384, tdx::kRegisters> replay(const std::vector<Extension>& extensions);

}  // namespace hallmark::boot
