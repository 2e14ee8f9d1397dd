// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "boot/qemu/guest.hpp"
#include "boot/qemu/memory.hpp"
#include "boot/simulated/tdx/registers.hpp"
#include "common/digest.hpp"
#include "measure/ovmf/tdx_metadata.hpp"

namespace hallmark::boot {

/// The firmware of a guest that has not executed an instruction, as QEMU loaded it; files and our own options have no
/// part in it.
struct LoadedTdvf {
    std::uint64_t address = 0;
    Bytes image;
    std::vector<ovmf::TdxSection> sections;  ///< as the firmware in memory describes them
    Sha384 single_pass{};                    ///< MRTD of that, by page order
    Sha384 two_pass{};
};

/// Reads it and measures it as the launch of a trust domain would. Refused where a part of it does not lie where its
/// metadata says.
Result<LoadedTdvf> read_tdvf(Guest& guest, const GuestMemory& memory, Deadline deadline);

/// What firmware extends on TDX only, before all else: the hand-off blocks, of which this machine has none and which
/// are made from the size of its memory (in bytes), and the configuration volume as it lies in memory.
Result<std::vector<Extension>> only_on_tdx(const LoadedTdvf& firmware, std::uint64_t memory_size);

}  // namespace hallmark::boot
