// SPDX-License-Identifier: Apache-2.0
// What a machine with a TPM extends into its PCRs from power-on until the kernel runs, on OVMF without enrolled keys.
// On TDX the same code extends the same events into RTMRs (UEFI Specification 2.10, section 38.4.1).
// Source: TCG PC Client Platform Firmware Profile 1.06, section 3.3.4 (PCR usage); systemd 257, src/boot/stub.c (PCR 11
// and 12); Linux 6.18, drivers/firmware/efi/libstub/efi-stub-helper.c (PCR 9).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "common/bytes.hpp"
#include "common/result.hpp"
#include "measure/tdx/layout.hpp"
#include "measure/tpm/efi_stub.hpp"
#include "measure/tpm/event.hpp"
#include "measure/tpm/firmware_events.hpp"

namespace hallmark::tpm {

/// A file as it was named, with its content.
struct NamedFile {
    std::string name;
    ByteSpan bytes;
};

struct FirmwareState {
    SecureBoot secure_boot = SecureBoot::kAbsent;
    tdx::Layout layout;
    std::string reason;  ///< why it is taken to be so, for the assumptions
};

/// A kernel that QEMU hands to the firmware.
struct KernelBoot {
    NamedFile kernel;
    std::optional<Digests> initrd;  ///< of its bytes
    std::string command_line;
    FirmwareState firmware;
};
/// What follows from its file alone; it serves every boot of the kernel.
struct LoadedKernel {
    Event event;
    EfiStub stub;
};
Result<LoadedKernel> load_kernel(const NamedFile& kernel);

Result<Prediction> predict_kernel(const KernelBoot& boot);
Result<Prediction> predict_kernel(const KernelBoot& boot, const LoadedKernel& kernel);

/// A unified kernel image that the firmware finds on a disk.
struct UkiBoot {
    NamedFile image;
    std::size_t profile = 0;
    std::vector<NamedFile> addons;            ///< in the order in which the stub takes them: by name
    std::optional<std::string> smbios_extra;  ///< io.systemd.stub.kernel-cmdline-extra
    std::vector<std::string> phases;          ///< of systemd in the guest, that PCR 11 is extended by one after another
    FirmwareState firmware;
};
Result<Prediction> predict_uki(const UkiBoot& boot);

/// The boot phases that systemd has, in their order.
[[nodiscard]] const std::vector<std::string>& default_phases();

}  // namespace hallmark::tpm
