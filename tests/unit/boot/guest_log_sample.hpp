// SPDX-License-Identifier: Apache-2.0
// The RAM of a guest that has its firmware's event log: two entries of a configuration table, what they point to, and
// nothing else.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "boot/qemu/memory.hpp"
#include "common/bytes.hpp"
#include "tests/support/synthetic_event_log.hpp"

namespace hallmark::boot::test {

// The names as they stand in memory: LINUX_EFI_TPM_EVENT_LOG_GUID and LINUX_EFI_TPM_FINAL_LOG_GUID of Linux.
inline constexpr std::array<std::uint8_t, 16> kLogCopyName = {0xb0, 0x9c, 0x79, 0xb7, 0xa2, 0xec, 0x43, 0x49,
                                                              0x96, 0x67, 0x1f, 0xae, 0x07, 0xb7, 0x47, 0xfa};
inline constexpr std::array<std::uint8_t, 16> kFinalEventsName = {0x96, 0xd0, 0x2e, 0x1e, 0xe2, 0x30, 0x54, 0x42,
                                                                  0xbd, 0x89, 0x86, 0x3b, 0xbe, 0xf8, 0x23, 0x25};

inline constexpr std::size_t kTable = 0x100;
inline constexpr std::size_t kSpareEntry = kTable + 2 * 24;
inline constexpr std::size_t kCopy = 0x204;  // Linux aligns it to nothing
inline constexpr std::size_t kFinal = 0x2000;
inline constexpr std::size_t kRamSize = 0x4000;

inline void put(Bytes& ram, std::size_t at, ByteSpan bytes) {
    std::ranges::copy(bytes, ram.begin() + static_cast<std::ptrdiff_t>(at));
}

inline void put_entry(Bytes& ram, std::size_t at, ByteSpan name, std::uint64_t address) {
    put(ram, at, name);
    put(ram, at + 16, as_bytes(Le64(address)));
}

/// A word of the firmware in PCR 5, as it stands in the table of final events.
inline Bytes final_record(std::uint8_t digest) {
    Bytes record;
    hallmark::test::append_event(
        record, {5, 0x80000007, {{0xb, Bytes(32, digest)}, {0xc, Bytes(48, digest)}}, "Exit Boot Services"});
    return record;
}

/// Two final events, of which the copy has the first already.
inline Bytes guest_with_log() {
    Bytes ram(kRamSize);
    Bytes log = hallmark::test::event_log_sample();
    append(log, final_record(0x11));
    put_entry(ram, kTable, kLogCopyName, kCopy);
    put_entry(ram, kTable + 24, kFinalEventsName, kFinal);
    put(ram, kCopy, as_bytes(Le32(static_cast<std::uint32_t>(log.size()))));
    put(ram, kCopy + 4, as_bytes(Le32(static_cast<std::uint32_t>(final_record(0).size()))));
    ram[kCopy + 8] = 2;
    put(ram, kCopy + 9, log);
    put(ram, kFinal, as_bytes(Le64(1U)));
    put(ram, kFinal + 8, as_bytes(Le64(2U)));
    put(ram, kFinal + 16, final_record(0x11));
    put(ram, kFinal + 16 + final_record(0).size(), final_record(0x22));
    return ram;
}

/// Memory files that hold this as RAM from address 0 on.
struct FakeMemory {
    FileDescriptor ram;
    FileDescriptor transfer;
    std::optional<GuestMemory> memory;

    explicit FakeMemory(ByteSpan content) {
        auto made = make_memory_file("ram", content);
        auto empty = make_memory_file("transfer", 0);
        if (!made || !empty || content.empty()) return;
        ram = std::move(*made);
        transfer = std::move(*empty);
        memory.emplace(ram, transfer,
                       MemoryMap({{.first = 0,
                                   .last = content.size() - 1,
                                   .kind = "ram",
                                   .region = std::string(GuestMemory::kRamRegion),
                                   .offset = 0}}));
    }
    FakeMemory(const FakeMemory&) = delete;
    FakeMemory& operator=(const FakeMemory&) = delete;
};

}  // namespace hallmark::boot::test
