// SPDX-License-Identifier: Apache-2.0
// What is measured of a kernel that QEMU hands to the firmware (-kernel, -initrd, -append).
// Source: edk2, OvmfPkg/Library/GenericQemuLoadImageLib and OvmfPkg/QemuKernelLoaderFsDxe, at the releases of
// measure/tdx/layout.hpp; Linux 6.12, drivers/firmware/efi/libstub/efi-stub-helper.c.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/result.hpp"
#include "measure/tdx/event.hpp"
#include "measure/tdx/kernel_file.hpp"
#include "measure/tdx/layout.hpp"
#include "measure/tdx/platform.hpp"

namespace hallmark::tdx {

struct DirectBoot {
    std::shared_ptr<const KernelFile> kernel;
    std::string command_line;          ///< as given to -append
    std::optional<FileSha384> initrd;  ///< nothing without one
    std::optional<QemuRelease> qemu;   ///< nothing: not said
};

/// The command line as the firmware hands it to the kernel, in UTF-16 with its final NUL; empty where it hands over
/// nothing at all.
[[nodiscard]] Bytes load_options(const DirectBoot& boot, const Layout& layout);

/// The kernel's image, as this QEMU and this firmware let it be measured. An error where it isn't known which.
Status add_kernel_image(EventList& list, Assumptions& assumptions, const DirectBoot& boot, const Platform& platform);

/// What a kernel's EFI stub measures, as its file shows.
struct KernelStub {
    std::string name;           ///< "Linux 6.12.117", for people
    bool measures = false;      ///< into RTMR2: it knows the CC measurement protocol (since Linux 6.9)
    bool takes_initrd = false;  ///< built with support for an initrd, which it then measures
};
[[nodiscard]] KernelStub read_kernel_stub(ByteSpan kernel);

/// What the kernel's EFI stub measures.
void add_stub_events(EventList& list, Assumptions& assumptions, const DirectBoot& boot, const KernelStub& stub,
                     const Layout& layout);

/// The firmware's words before it starts a boot option, and when the kernel leaves boot services.
void add_calling(EventList& list);
void add_exit_boot_services(EventList& list, Assumptions& assumptions);

}  // namespace hallmark::tdx
