// SPDX-License-Identifier: Apache-2.0
// The hand-off blocks (HOBs) in which the hypervisor tells TDX firmware of the guest's memory, and which the firmware
// measures first of all.
// Source: UEFI Platform Initialization Specification 1.8, volume 3, section 5 (HOB structures); Intel "TDX Virtual
// Firmware Design Guide", 344991-004, section 4.2 (TD hand-off block); QEMU 10.1, hw/i386/tdvf-hob.c,
// target/i386/kvm/tdx.c.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/bytes.hpp"
#include "common/result.hpp"
#include "measure/ovmf/tdx_metadata.hpp"

namespace hallmark::tdx {

/// Where QEMU's q35 machine ends the memory below 4 GiB; what is more lies from 4 GiB on.
[[nodiscard]] std::uint64_t memory_below_4g(std::uint64_t memory);

/// The list without its end block, which is what is measured: the memory that the firmware's metadata has accepted
/// before the start, and the rest as not yet accepted. `memory` is the guest's, in bytes. Errors: no TD_HOB section,
/// one that is too small, or sections that overlap or lie outside of the memory.
Result<Bytes> td_hob(const std::vector<ovmf::TdxSection>& sections, std::uint64_t memory, const std::string& what);

}  // namespace hallmark::tdx
