// SPDX-License-Identifier: Apache-2.0
#include "boot/tpm/log_in_memory.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "common/endian.hpp"
#include "common/formats/event_log.hpp"
#include "common/guid.hpp"
#include "common/hex.hpp"
#include "common/reader.hpp"

namespace hallmark::boot::tpm {
namespace {

constexpr Guid kLogCopy = guid("b7799cb0-eca2-4943-9667-1fae07b747fa");
constexpr Guid kFinalEvents = guid("1e2ed096-30e2-4254-bd89-863bbef82325");
constexpr std::size_t kAlignment = 8;  // of every entry, as the firmware's pools have it
constexpr std::uint32_t kLargestCopy = 1024 * 1024;
constexpr std::size_t kLargestFinalRecord = 4096;  // what comes at the end is a word of the firmware
constexpr std::uint64_t kMostFinalEvents = 64;
constexpr const char* kWhat = "event log in guest memory";

/// EFI_CONFIGURATION_TABLE
struct TableEntry {
    Guid name;     // 00
    Le64 address;  // 10
};
static_assert(sizeof(TableEntry) == 24 && offsetof(TableEntry, address) == 0x10);

/// struct linux_efi_tpm_eventlog
struct CopyHeader {
    Le32 size;                 // 00: of the log that follows
    Le32 final_events_copied;  // 04: bytes of the final events that are in it
    std::uint8_t version = 0;  // 08
};
static_assert(sizeof(CopyHeader) == 9 && alignof(CopyHeader) == 1);
static_assert(offsetof(CopyHeader, final_events_copied) == 4 && offsetof(CopyHeader, version) == 8);
constexpr std::uint8_t kCryptoAgile = 2;

/// EFI_TCG2_FINAL_EVENTS_TABLE
struct FinalHeader {
    Le64 version;  // 00
    Le64 events;   // 08
};
static_assert(sizeof(FinalHeader) == 16 && offsetof(FinalHeader, events) == 8);

template <class T>
Result<T> read_structure(const GuestMemory& memory, std::uint64_t address) {
    HALLMARK_TRY(const Bytes bytes, memory.read(address, sizeof(T)));
    T value;
    std::memcpy(static_cast<void*>(&value), bytes.data(), sizeof value);
    return value;
}

/// What entries of this name point to. The name stands elsewhere too (in the code that looks for it), and entries of
/// tables that grew are left behind: an address counts once, and only in RAM.
Result<std::vector<std::uint64_t>> tables(const GuestMemory& memory, const Guid& name) {
    HALLMARK_TRY(const auto entries, memory.find(as_bytes(name), kAlignment));
    std::vector<std::uint64_t> addresses;
    for (const auto entry : entries) {
        const auto read = read_structure<TableEntry>(memory, entry);
        if (!read || !memory.read(read->address, 1)) continue;
        if (std::ranges::find(addresses, read->address.get()) == addresses.end()) addresses.push_back(read->address);
    }
    return addresses;
}

struct Copy {
    std::uint64_t address = 0;  // of the log itself
    std::uint32_t final_events_copied = 0;
    Bytes bytes;
};

/// Nothing where no such copy lies there.
std::optional<Copy> read_copy(const GuestMemory& memory, std::uint64_t address) {
    const auto header = read_structure<CopyHeader>(memory, address);
    if (!header || header->version != kCryptoAgile || header->size == 0 || header->size > kLargestCopy)
        return std::nullopt;
    auto bytes = memory.read(address + sizeof(CopyHeader), header->size);
    if (!bytes || !event_log::is_event_log(*bytes)) return std::nullopt;
    return Copy{address + sizeof(CopyHeader), header->final_events_copied, std::move(*bytes)};
}

Result<Copy> find_copy(const GuestMemory& memory) {
    HALLMARK_TRY(const auto addresses, tables(memory, kLogCopy));
    std::vector<Copy> copies;
    for (const auto address : addresses)
        if (auto copy = read_copy(memory, address)) copies.push_back(std::move(*copy));
    if (copies.size() == 1) return std::move(copies.front());
    return refused("guest memory: " + std::to_string(copies.size()) +
                   " event logs, expected the one that the kernel's EFI stub has copied");
}

/// The size of the record at the begin of these bytes.
Result<std::size_t> record_size(ByteSpan bytes, const event_log::EventLog& log) {
    Reader reader(bytes, "final event");
    HALLMARK_TRY(const auto header, reader.structure<event_log::EventHeader>());
    if (header.digest_count == 0 || header.digest_count > log.banks.size())
        return refused("final event: " + std::to_string(header.digest_count) + " digests, expected 1 to " +
                       std::to_string(log.banks.size()));
    for (std::uint32_t i = 0; i < header.digest_count; ++i) {
        HALLMARK_TRY(const auto algorithm, reader.structure<Le16>());
        const auto bank = log.bank(event_log::Algorithm{algorithm.get()});
        if (!bank) return refused("final event: a digest of a bank that the log doesn't have");
        HALLMARK_CHECK(reader.bytes(log.banks[*bank].digest_size));
    }
    HALLMARK_TRY(const auto size, reader.structure<Le32>());
    HALLMARK_CHECK(reader.bytes(size));
    return reader.offset();
}

/// The records of a table of final events; nothing where no such table lies there.
std::optional<Bytes> read_final(const GuestMemory& memory, std::uint64_t address, const event_log::EventLog& log) {
    const auto header = read_structure<FinalHeader>(memory, address);
    if (!header || header->version != 1 || header->events == 0 || header->events > kMostFinalEvents)
        return std::nullopt;
    Bytes records;
    for (std::uint64_t i = 0; i < header->events; ++i) {
        const auto next = memory.read(address + sizeof(FinalHeader) + records.size(), kLargestFinalRecord);
        if (!next) return std::nullopt;
        const auto size = record_size(*next, log);
        if (!size) return std::nullopt;
        append(records, ByteSpan(*next).first(*size));
    }
    return records;
}

Result<Bytes> find_final(const GuestMemory& memory, const event_log::EventLog& log) {
    HALLMARK_TRY(const auto addresses, tables(memory, kFinalEvents));
    std::vector<Bytes> found;
    for (const auto address : addresses)
        if (auto records = read_final(memory, address, log)) found.push_back(std::move(*records));
    if (found.size() == 1) return std::move(found.front());
    return refused("guest memory: " + std::to_string(found.size()) + " tables of final events, expected one");
}

}  // namespace

Result<LogInMemory> find_log(const GuestMemory& memory) {
    HALLMARK_TRY(Copy copy, find_copy(memory));
    const auto log = event_log::parse_event_log(copy.bytes, kWhat);
    if (!log) return refused(log.error().message);
    if (log->size != copy.bytes.size())
        return refused(std::string(kWhat) + ": ends at offset " + hex_number(log->size) + " of " +
                       hex_number(copy.bytes.size()) + " bytes");
    HALLMARK_TRY(const Bytes final, find_final(memory, *log));
    if (copy.final_events_copied > final.size())
        return refused(std::string(kWhat) + ": " + std::to_string(copy.final_events_copied) +
                       " bytes of final events copied, of " + std::to_string(final.size()));
    append(copy.bytes, ByteSpan(final).subspan(copy.final_events_copied));
    return LogInMemory{copy.address, std::move(copy.bytes)};
}

}  // namespace hallmark::boot::tpm
