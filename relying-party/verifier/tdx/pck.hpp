// SPDX-License-Identifier: Apache-2.0
// What a PCK certificate says of its platform: the extension for SGX.
// Source: Intel "SGX PCK Certificate and Certificate Revocation List Profile Specification", revision 1.5, section
// 1.3.5.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "common/bytes.hpp"
#include "common/openssl.hpp"

namespace hallmark::verifier {

/// One SVN for each component of a TCB.
using Svns = std::array<std::uint8_t, 16>;

struct PckFacts {
    std::array<std::uint8_t, 16> ppid{};  ///< Platform Provisioning ID
    Svns components{};                    ///< the TCB of which this certificate is
    std::uint16_t pce_svn = 0;
    std::array<std::uint8_t, 16> cpu_svn{};
    std::array<std::uint8_t, 2> pce_id{};
    std::array<std::uint8_t, 6> fmspc{};  ///< family, model, stepping, platform type, custom SKU
    std::uint8_t sgx_type = 0;            ///< 0 standard, 1 scalable, 2 scalable with integrity

    // Certificates of the Platform CA only.
    std::optional<std::array<std::uint8_t, 16>> platform_instance;
    std::optional<bool> dynamic_platform;
    std::optional<bool> cached_keys;
    std::optional<bool> smt_enabled;
};

/// Members that are not known are passed over; one that is missing, stands twice or has another type is refused.
Result<PckFacts> read_pck(const X509& certificate);

}  // namespace hallmark::verifier
