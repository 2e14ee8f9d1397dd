// SPDX-License-Identifier: Apache-2.0
#include "measure/tdx/own_boot_options.hpp"

#include <array>

#include "common/guid.hpp"

namespace hallmark::tdx {
namespace {

/// The firmware volume that has the drivers and applications, and the two applications in it.
constexpr Guid kFirmwareVolume = guid("7cb8bdc9-f8eb-4f34-aaea-3ee4af6516a1");
constexpr Guid kSetupFile = guid("462caa21-7614-4503-836e-8ab6f4662331");
constexpr Guid kMenuFile = guid("eec25bdc-67f2-4d95-b1d5-f81b2039d11d");

constexpr std::uint32_t kApplication = 0x101;        // LOAD_OPTION_ACTIVE, _CATEGORY_APP
constexpr std::uint32_t kHiddenApplication = 0x109;  // the same, and LOAD_OPTION_HIDDEN

constexpr std::array kBefore202505 = {FirmwareApplication{kHiddenApplication, "UiApp", kFirmwareVolume, kSetupFile}};
constexpr std::array kSince202505 = {
    FirmwareApplication{kHiddenApplication, "BootManagerMenuApp", kFirmwareVolume, kMenuFile},
    FirmwareApplication{kApplication, "EFI Firmware Setup", kFirmwareVolume, kSetupFile}};

}  // namespace

std::span<const FirmwareApplication> own_boot_options(const Layout& layout) {
    if (layout.since_202505) return kSince202505;
    return kBefore202505;
}

std::string boot_option_name(std::size_t number) { return "Boot000" + std::to_string(number); }

}  // namespace hallmark::tdx
