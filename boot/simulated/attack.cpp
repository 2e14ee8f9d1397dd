// SPDX-License-Identifier: Apache-2.0
#include "boot/simulated/attack.hpp"

#include <unistd.h>

#include <array>

namespace hallmark::boot {
namespace {

constexpr std::size_t kLargestChanged = 256 * 1024 * 1024;
constexpr std::uint64_t kDiskInFrontSize = 1024 * 1024;
constexpr std::size_t kInTheRoot = 1024 * 1024 + 128 * 1024;  // partition 1 begins at 1 MiB

constexpr std::array<NamedAttack, 10> kAttacks{{
    {"kernel-bit", Attack::kKernelBit, "one bit of the kernel changed, hash table of the good kernel"},
    {"kernel-bit-rehashed", Attack::kKernelBitRehashed, "one bit of the kernel changed, hash table made for it"},
    {"no-hash-table", Attack::kNoHashTable, "no hash table in guest memory"},
    {"firmware-byte", Attack::kFirmwareByte, "one byte of the firmware changed"},
    {"measured-page", Attack::kMeasuredPage, "one byte of the hash table's page changed in guest memory"},
    {"zero-page", Attack::kZeroPage, "one byte of a page measured as zero changed in guest memory"},
    {"foreign-chain", Attack::kForeignChain, "the report signed by another chain"},
    {"disk-in-front", Attack::kDiskInFront, "another disk where the root disk is expected"},
    {"disk-while-running", Attack::kDiskWhileRunning, "one bit of the root disk changed while the guest runs"},
    {"typing", Attack::kTyping, "keys, serial and console input during the boot; nothing listens, so it is proven"},
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

Status change_files(Attack attack, Served& served) {
    // Where the setup code has long been left behind, and where firmware volumes have padding between files: both
    // still run far enough to be found out by what is measured, not by a crash.
    constexpr std::size_t kKernelOffset = 0x1000;
    constexpr std::size_t kFirmwareOffset = 0x40;
    if (attack == Attack::kKernelBit || attack == Attack::kKernelBitRehashed) {
        HALLMARK_TRY(served.kernel, with_bit_changed(served.kernel, "kernel", kKernelOffset));
    }
    if (attack == Attack::kFirmwareByte) {
        HALLMARK_TRY(served.firmware, with_bit_changed(served.firmware, "firmware", kFirmwareOffset));
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

std::optional<snp::KernelHashes> change_table(Attack attack, const snp::KernelHashes& served,
                                              const Manifest& manifest) {
    if (attack == Attack::kNoHashTable) return std::nullopt;
    snp::KernelHashes hashes = served;
    if (attack == Attack::kKernelBit) hashes.kernel = manifest.kernel.sha256;
    return hashes;
}

Status change_memory(Attack attack, const GuestMemory& memory, const ovmf::SevFirmware& layout) {
    if (attack == Attack::kMeasuredPage && layout.kernel_hash_section() != nullptr)
        return flip(memory, layout.kernel_hash_section()->gpa);  // in front of the table: the firmware boots on
    if (attack != Attack::kZeroPage) return {};
    for (const auto& section : layout.sections)
        if (section.type == ovmf::SevSectionType::kMemory) return flip(memory, section.gpa + section.size / 2);
    return bad_input("--attack: the firmware names no page that is measured as zero");
}

}  // namespace hallmark::boot
