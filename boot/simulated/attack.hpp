// SPDX-License-Identifier: Apache-2.0
// What a hostile host would do, so that tests can see it fail. Only the launch, the choice of the signer and
// the log for the guest look at these values; what reads memory, diagnoses and proves knows nothing of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "boot/qemu/memory.hpp"
#include "boot/simulated/machine.hpp"
#include "measure/ovmf/sev_firmware.hpp"

namespace hallmark::boot {

enum class Attack {
    kNone,
    kKernelBit,          ///< one bit of the kernel changed; the hash table is the good kernel's
    kKernelBitRehashed,  ///< the same, with a table made for the changed kernel
    kCommandLine,        ///< a word added to the command line; the hash table is the published line's
    kNoHashTable,        ///< no hash table in memory
    kFirmwareByte,       ///< one byte of the firmware changed
    kMeasuredPage,       ///< one byte of the measured page around the hash table changed, in memory
    kZeroPage,           ///< one byte of a page that is measured as zero changed, in memory
    kDebugPolicy,        ///< the guest is launched with a policy that lets the host debug it
    kForeignChain,       ///< the report or quote is signed by another chain
    kDiskInFront,        ///< another disk where the root disk is expected
    kDiskWhileRunning,   ///< one bit of the root disk changed while the guest runs
    kEventLog,           ///< one digest of the firmware's event log changed in guest memory (TDX)
    kServedLog,          ///< one digest of the event log that the guest is given changed (TDX)
    kTyping,             ///< keys, serial and console input all through the boot: nothing listens, so it holds
};

/// Which simulated platforms an attack is made for.
enum class Target { kSnp, kTdx, kBoth };

struct NamedAttack {
    std::string_view name;
    Attack attack;
    Target target;
    std::string_view describes;
};
std::span<const NamedAttack> attacks();
/// By its exact name; the error lists all.
Result<Attack> find_attack(std::string_view name);

/// Where OVMF.amdsev.fd has padding between files of a volume.
constexpr std::size_t kPaddingOfAmdSev = 0x40;
/// Where the code of a firmware with TDX metadata has a page that nothing uses.
Result<std::size_t> unused_code(const FileDescriptor& firmware);

/// Replaces what the guest is given; `padding` is where a byte of the firmware can be changed so that it still runs.
Status change_files(Attack attack, Served& served, std::size_t padding);
/// Changes one bit of the root on the disk of a running guest, if the disk is one that change_files() made.
Status change_disk(const Served& served);
/// The table that the launch writes, from the honest one of what is served; nothing: none is written. `published` is
/// the command line that the guest is to have.
std::optional<snp::KernelHashes> change_table(Attack attack, const snp::KernelHashes& served, const Manifest& manifest,
                                              const std::string& published);
/// The policy that the guest is launched with.
std::uint64_t change_policy(Attack attack, std::uint64_t policy);
/// Changes guest memory after the launch, before the first instruction.
Status change_memory(Attack attack, const GuestMemory& memory, const ovmf::SevFirmware& layout);
/// Changes the event log in the memory of a guest whose kernel runs.
Status change_log(Attack attack, const GuestMemory& memory);
/// Changes the event log that a guest is given.
Status change_served_log(Attack attack, std::span<std::uint8_t> log);

}  // namespace hallmark::boot
