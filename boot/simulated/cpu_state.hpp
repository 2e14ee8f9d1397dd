// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "boot/qemu/registers.hpp"
#include "measure/snp/vmsa.hpp"

namespace hallmark::boot {

/// The measured state of one CPU, from the registers that QEMU answers while it is paused, with what KVM changes
/// before it hands them to the security processor.
Result<snp::Vmsa> cpu_state(const Registers& registers);

/// The same for all CPUs of a guest: the first starts where its registers say, the others at `application_start`, as
/// the firmware in memory asks.
Result<std::vector<snp::Vmsa>> cpu_states(std::span<const Registers> cpus, std::uint32_t application_start);

}  // namespace hallmark::boot
