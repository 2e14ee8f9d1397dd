// SPDX-License-Identifier: Apache-2.0
#include "boot/simulated/attack.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "boot/tpm/log_in_memory.hpp"
#include "common/formats/event_log.hpp"
#include "common/formats/snp_report.hpp"
#include "measure/ovmf/layout.hpp"
#include "measure/ovmf/tdx_metadata.hpp"

namespace hallmark::boot {
namespace {

constexpr std::size_t kLargestChanged = 256 * 1024 * 1024;
constexpr std::uint64_t kDiskInFrontSize = 1024 * 1024;
constexpr std::size_t kInTheRoot = 1024 * 1024 + 128 * 1024;  // partition 1 begins at 1 MiB

constexpr std::array<NamedAttack, 14> kAttacks{{
    {"kernel-bit", Attack::kKernelBit, Target::kBoth,
     "one bit of the kernel changed; SNP: hash table of the good kernel"},
    {"kernel-bit-rehashed", Attack::kKernelBitRehashed, Target::kSnp,
     "one bit of the kernel changed, hash table made for it"},
    {"command-line", Attack::kCommandLine, Target::kSnp,
     "a word added to the command line, hash table of the published one"},
    {"no-hash-table", Attack::kNoHashTable, Target::kSnp, "no hash table in guest memory"},
    {"firmware-byte", Attack::kFirmwareByte, Target::kBoth, "one byte of the firmware changed"},
    {"measured-page", Attack::kMeasuredPage, Target::kSnp, "one byte of the hash table's page changed in guest memory"},
    {"zero-page", Attack::kZeroPage, Target::kSnp, "one byte of a page measured as zero changed in guest memory"},
    {"debug-policy", Attack::kDebugPolicy, Target::kSnp, "launched with a policy that lets the host debug the guest"},
    {"foreign-chain", Attack::kForeignChain, Target::kBoth, "the report or quote signed by another chain"},
    {"disk-in-front", Attack::kDiskInFront, Target::kSnp, "another disk where the root disk is expected"},
    {"disk-while-running", Attack::kDiskWhileRunning, Target::kSnp,
     "one bit of the root disk changed while the guest runs"},
    {"event-log", Attack::kEventLog, Target::kTdx, "one digest of the firmware's event log changed in guest memory"},
    {"served-log", Attack::kServedLog, Target::kTdx, "one digest of the event log that the guest is given changed"},
    {"typing", Attack::kTyping, Target::kSnp,
     "keys, serial and console input during the boot; nothing listens, so it is proven"},
}};

/// A copy in memory with the lowest bit of one byte changed.
Result<FileDescriptor> with_bit_changed(const FileDescriptor& file, const char* name, std::size_t offset) {
    HALLMARK_TRY(Bytes bytes, read_file(path_of(file), kLargestChanged));
    if (offset >= bytes.size()) return bad_input(std::string(name) + ": too small for this attack");
    bytes[offset] ^= 1;
    return make_memory_file(name, bytes);
}

Status flip(const GuestMemory& memory, std::uint64_t address) {
    HALLMARK_TRY(Bytes byte, memory.read(address, 1));
    byte[0] ^= 1;
    return memory.write(address, byte);
}

/// The offset of the first digest of SHA-384 in an event log.
Result<std::size_t> first_digest(ByteSpan bytes) {
    HALLMARK_TRY(const auto log, event_log::parse_event_log(bytes, "event log"));
    const auto bank = log.bank(event_log::Algorithm::kSha384);
    for (const auto& event : log.events) {
        if (!bank || event.type == event_log::EventType::kNoAction) continue;
        const ByteSpan digest = event.digests.at(*bank);
        if (!digest.empty()) return static_cast<std::size_t>(digest.data() - bytes.data());
    }
    return bad_input("--attack: the event log has no event");
}

}  // namespace

std::span<const NamedAttack> attacks() { return kAttacks; }

Result<Attack> find_attack(std::string_view name) {
    std::string names;
    for (const auto& known : kAttacks) {
        if (known.name == name) return known.attack;
        names += (names.empty() ? "" : ", ") + std::string(known.name);
    }
    return bad_input("--attack: unknown '" + std::string(name) + "'; known are " + names);
}

Result<std::size_t> unused_code(const FileDescriptor& firmware) {
    HALLMARK_TRY(const Bytes image, read_file(path_of(firmware), ovmf::kLargestFirmware));
    HALLMARK_TRY(const auto sections, ovmf::parse_tdx_metadata(image, "firmware"));
    const Bytes unused(ovmf::kPageSize, 0xff);
    for (const auto& section : sections) {
        if (section.type != ovmf::TdxSectionType::kFirmwareVolume) continue;
        const auto found = std::ranges::search(section.data(image), unused);
        const auto at = static_cast<std::size_t>(found.begin() - section.data(image).begin());
        if (!found.empty()) return section.data_offset + at + unused.size() / 2;
    }
    return bad_input("--attack: the firmware has no unused page");
}

Status change_files(Attack attack, Served& served, std::size_t padding) {
    // Where the setup code has long been left behind: it still runs far enough to be found out by what is measured, not
    // by a crash. The firmware's padding does so too.
    constexpr std::size_t kKernelOffset = 0x1000;
    if (attack == Attack::kKernelBit || attack == Attack::kKernelBitRehashed) {
        HALLMARK_TRY(served.kernel, with_bit_changed(served.kernel, "kernel", kKernelOffset));
    }
    if (attack == Attack::kCommandLine) served.command_line += " hallmark.more=1";
    if (attack == Attack::kFirmwareByte) {
        HALLMARK_TRY(served.firmware, with_bit_changed(served.firmware, "firmware", padding));
    }
    if (attack == Attack::kDiskInFront) {
        HALLMARK_TRY(served.disk_in_front, make_memory_file("front", kDiskInFrontSize));
    }
    if (attack == Attack::kDiskWhileRunning) {
        // A copy of our own: what is changed later must not be the image itself.
        HALLMARK_TRY(const Bytes bytes, read_file(path_of(served.disk), kLargestChanged));
        HALLMARK_TRY(served.disk, make_memory_file("disk", bytes));
    }
    return {};
}

Status change_disk(const Served& served) {
    HALLMARK_TRY(const Bytes bytes, read_file(path_of(served.disk), kLargestChanged));
    if (bytes.size() <= kInTheRoot) return bad_input("disk: too small for this attack");
    const std::uint8_t changed = bytes[kInTheRoot] ^ 1;
    if (::pwrite(served.disk.get(), &changed, 1, kInTheRoot) == 1) return {};
    return std::unexpected(system_error("disk"));
}

std::optional<snp::KernelHashes> change_table(Attack attack, const snp::KernelHashes& served, const Manifest& manifest,
                                              const std::string& published) {
    if (attack == Attack::kNoHashTable) return std::nullopt;
    snp::KernelHashes hashes = served;
    if (attack == Attack::kKernelBit) hashes.kernel = manifest.kernel.sha256;
    if (attack == Attack::kCommandLine) hashes.command_line = snp::hash_command_line(published);
    return hashes;
}

std::uint64_t change_policy(Attack attack, std::uint64_t policy) {
    return attack == Attack::kDebugPolicy ? policy | snp::kPolicyDebugAllowed : policy;
}

Status change_memory(Attack attack, const GuestMemory& memory, const ovmf::SevFirmware& layout) {
    if (attack == Attack::kMeasuredPage && layout.kernel_hash_section() != nullptr)
        return flip(memory, layout.kernel_hash_section()->gpa);  // in front of the table: the firmware boots on
    if (attack != Attack::kZeroPage) return {};
    for (const auto& section : layout.sections)
        if (section.type == ovmf::SevSectionType::kMemory) return flip(memory, section.gpa + section.size / 2);
    return bad_input("--attack: the firmware names no page that is measured as zero");
}

Status change_log(Attack attack, const GuestMemory& memory) {
    if (attack != Attack::kEventLog) return {};
    HALLMARK_TRY(const auto found, tpm::find_log(memory));
    HALLMARK_TRY(const std::size_t offset, first_digest(found.bytes));
    return flip(memory, found.address + offset);
}

Status change_served_log(Attack attack, std::span<std::uint8_t> log) {
    if (attack != Attack::kServedLog) return {};
    HALLMARK_TRY(const std::size_t offset, first_digest(log));
    log[offset] ^= 1;
    return {};
}

}  // namespace hallmark::boot
