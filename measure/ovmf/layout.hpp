// SPDX-License-Identifier: Apache-2.0
// Sizes that firmware and hypervisor agree on.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hallmark::ovmf {

constexpr std::size_t kPageSize = 4096;
/// The firmware ends here in guest physical memory.
constexpr std::uint64_t kFourGiB = 1ULL << 32;
/// The largest firmware that is taken; QEMU's q35 gives flash at most 8 MiB.
constexpr std::size_t kLargestFirmware = 16 * 1024 * 1024;

}  // namespace hallmark::ovmf
