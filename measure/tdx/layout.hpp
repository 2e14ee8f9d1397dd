// SPDX-License-Identifier: Apache-2.0
// What differs between releases of edk2 and of QEMU in the events that a direct boot measures, as data.
// Source: edk2 and QEMU at the releases named; each column says the commit or release where it changed.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "measure/ovmf/traits.hpp"

namespace hallmark::tdx {

/// Where a firmware of this release measures what.
struct Layout {
    std::string_view release;  ///< "202502" for edk2-stable202502
    /// The separator at ready-to-boot goes to RTMR1; before edk2-stable202411 (efaf8931bb) to RTMR0.
    bool separator_in_rtmr1 = false;
    /// etc/boot/* of fw_cfg, with the kernel as it is in its file, is preferred (since edk2-stable202502).
    bool named_blobs = false;
    /// SMBIOS tables are measured, two boot options instead of UiApp, and builds for TDX alone measure what they read
    /// from fw_cfg (all since edk2-stable202505).
    bool since_202505 = false;
    /// "initrd=initrd" in front of the command line instead of behind it (since edk2-stable202508, a2ac0fea49).
    bool initrd_first = false;
    /// Measures without being told to when built: OvmfPkgX64 since edk2-stable202408.
    bool measures_by_default = true;

    bool operator==(const Layout&) const = default;
};

/// All known releases, oldest first.
[[nodiscard]] std::span<const Layout> layouts();

/// A layout, and what it was taken from.
struct ChosenLayout {
    Layout layout;
    std::string reason;  ///< for people: "edk2 202608, as its version string 2026.08 says"
};

/// The layout of a release by name ("202502", "2025.02" or "edk2-stable202502").
Result<ChosenLayout> named_layout(std::string_view release);

/// The layout that an image's content shows. An image that could have several is an error that lists them: the user
/// must say which.
Result<ChosenLayout> recognised_layout(const ovmf::FirmwareTraits& traits, const std::string& what);

/// A QEMU release: what it does to a kernel.
struct QemuRelease {
    unsigned major = 0;
    unsigned minor = 0;

    auto operator<=>(const QemuRelease&) const = default;
    [[nodiscard]] std::string text() const { return std::to_string(major) + "." + std::to_string(minor); }
    /// Offers etc/boot/kernel, unpatched (10.0).
    [[nodiscard]] bool named_blobs() const { return *this >= QemuRelease{10, 0}; }
    /// Patches the setup header even for a confidential guest (before 10.2, a7542a38f399).
    [[nodiscard]] bool patches_kernel() const { return *this < QemuRelease{10, 2}; }
};

/// "10.1", "10.1.2" or "8.2.2".
Result<QemuRelease> parse_qemu_release(std::string_view text);

}  // namespace hallmark::tdx
