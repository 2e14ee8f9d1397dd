// SPDX-License-Identifier: Apache-2.0
// Certificates in the forms of Intel's, under names that say that no hardware stands behind them.
// Source: Intel "SGX PCK Certificate and Certificate Revocation List Profile Specification", revision 1.5, section 1.3.
#pragma once

#include <array>
#include <cstdint>

#include "boot/simulated/x509.hpp"
#include "common/result.hpp"

namespace hallmark::boot {

/// What tells one platform from another.
struct PlatformIdentity {
    std::array<std::uint8_t, 16> ppid{};
    std::array<std::uint8_t, 16> instance{};
};

/// Family, model, platform and custom SKU of the simulated platform: of no real one.
constexpr std::array<std::uint8_t, 6> kSimulatedFmspc = {0x00, 0x00, 0x00, 0x51, 0x4d, 0x00};

/// P-256, self-signed.
Result<KeyAndCertificate> make_tdx_root();
/// P-256, signed by the root.
Result<KeyAndCertificate> make_platform_ca(const KeyAndCertificate& root);
/// P-256, signed by the platform CA, with the extension that tells platform and TCB.
Result<KeyAndCertificate> make_pck(const KeyAndCertificate& platform_ca, const PlatformIdentity& identity);

}  // namespace hallmark::boot
