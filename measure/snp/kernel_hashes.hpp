// SPDX-License-Identifier: Apache-2.0
// The hash table through which a directly booted kernel, its initrd and its command line become part of the launch
// digest: the hypervisor writes it, the firmware checks what it is given against it.
// Source: QEMU 11.1, target/i386/sev.c (SevHashTable); edk2, OvmfPkg/AmdSev/BlobVerifierLibSevHashes.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/endian.hpp"
#include "common/guid.hpp"

namespace hallmark::snp {

struct HashTableEntry {
    Guid guid;      // 00
    Le16 length;    // 10
    Sha256 hash{};  // 12
};
static_assert(sizeof(HashTableEntry) == 50 && alignof(HashTableEntry) == 1);
static_assert(offsetof(HashTableEntry, length) == 0x10 && offsetof(HashTableEntry, hash) == 0x12);

struct HashTable {
    Guid guid;                              // 00
    Le16 length;                            // 10: without the padding
    HashTableEntry command_line;            // 12
    HashTableEntry initrd;                  // 44
    HashTableEntry kernel;                  // 76
    std::array<std::uint8_t, 8> padding{};  // a8
};
static_assert(sizeof(HashTable) == 176 && alignof(HashTable) == 1);
static_assert(offsetof(HashTable, length) == 0x10 && offsetof(HashTable, command_line) == 0x12);
static_assert(offsetof(HashTable, initrd) == 0x44 && offsetof(HashTable, kernel) == 0x76);
static_assert(offsetof(HashTable, padding) == 0xa8);

/// SHA-256 of what is booted. Without an initrd its hash is that of nothing.
struct KernelHashes {
    Sha256 kernel{};
    Sha256 initrd{};
    Sha256 command_line{};
};

/// Hash of a command line: its bytes, unchanged, and one NUL.
Sha256 hash_command_line(std::string_view text);

/// Hash of an absent initrd: SHA-256 of nothing.
Sha256 hash_no_initrd();

/// The 176 bytes that the hypervisor writes at the firmware's hash table address.
HashTable hash_table(const KernelHashes& hashes);

/// The page that holds the table at guest address `table_gpa`, as it is measured: zeros around the table. The table
/// must not cross the page; parse_sev_firmware has checked that.
std::array<std::uint8_t, 4096> hash_page(const KernelHashes& hashes, std::uint64_t table_gpa);

}  // namespace hallmark::snp
