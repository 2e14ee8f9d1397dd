// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace hallmark::boot {

/// What the owner of the simulated SNP platform with that CPU (CPUID Fn0000_0001 EAX) vouches for: a message for
/// Trustee's reference value provider service.
std::string platform_values(std::uint32_t cpu_signature);

}  // namespace hallmark::boot
