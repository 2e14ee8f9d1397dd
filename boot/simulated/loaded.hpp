// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "boot/qemu/guest.hpp"
#include "boot/qemu/memory.hpp"
#include "common/digest.hpp"
#include "measure/ovmf/sev_firmware.hpp"
#include "measure/snp/kernel_hashes.hpp"
#include "measure/snp/vmsa.hpp"

namespace hallmark::boot {

/// What really lies in a guest that has not executed an instruction: everything that a launch measures, read from its
/// memory and from the CPUs that QEMU answers for. Files and our own options have no part in it.
struct Loaded {
    Bytes firmware;
    ovmf::SevFirmware layout;        ///< as the firmware in memory describes it
    std::optional<Bytes> hash_page;  ///< of the kernel hash section; nothing where the page is zero
    std::vector<snp::Vmsa> cpus;
    std::uint32_t cpu_signature = 0;  ///< CPUID Fn0000_0001 EAX of the first CPU
    Sha384 digest{};                  ///< the launch digest of all that

    /// The kernel hash table as it lies in memory; nothing where there is none.
    [[nodiscard]] std::optional<snp::HashTable> hash_table() const;
};

/// What the firmware in guest memory asks of a launch.
Result<ovmf::SevFirmware> read_layout(Guest& guest, const GuestMemory& memory, Deadline deadline);

/// Does what the launch flow of QEMU does for SNP: writes the kernel hash table where the firmware looks for it.
/// Refused where the guest's RAM was touched before.
Status write_hash_table(const GuestMemory& memory, const ovmf::SevFirmware& layout, const snp::KernelHashes& hashes);

/// Reads it all back and computes the digest. A page that a launch measures as zero must be zero.
Result<Loaded> read_loaded(Guest& guest, const GuestMemory& memory, Deadline deadline);

}  // namespace hallmark::boot
