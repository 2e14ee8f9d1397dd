// SPDX-License-Identifier: Apache-2.0
// The event log in its file, kept in step with the register: what is about to be measured is written down first, so
// that an agent that is killed in between finishes it when it starts again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "agent/events/registers.hpp"
#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/endian.hpp"
#include "common/formats/event_log_writer.hpp"
#include "common/result.hpp"

namespace hallmark::events {

/// What stands in the file .wal_event_entry, before the record.
struct PendingHeader {
    std::array<char, 8> magic{};  // 00: kPendingMagic
    Le64 log_size;                // 08: of the log before this record, in bytes
    Le32 register_index;          // 10
    Le32 record_size;             // 14, in bytes
    Sha384 before{};              // 18: what the register held; zeros where there is none
    Sha384 digest{};              // 48
};
static_assert(sizeof(PendingHeader) == 0x78 && alignof(PendingHeader) == 1);
static_assert(offsetof(PendingHeader, log_size) == 8 && offsetof(PendingHeader, register_index) == 0x10);
static_assert(offsetof(PendingHeader, record_size) == 0x14 && offsetof(PendingHeader, before) == 0x18);
static_assert(offsetof(PendingHeader, digest) == 0x48);
inline constexpr std::array<char, 8> kPendingMagic{'H', 'L', 'M', 'K', 'W', 'A', 'L', '1'};

/// The log stays below this, in bytes: with the firmware's, and in base64, it must fit into the 2 MB that a key broker
/// takes of a request (Trustee's limit).
inline constexpr std::size_t kLargestLog = 1024 * 1024;

/// The log in the journal's folder: records one behind the other, without the first one of a log.
inline constexpr const char* kLogName = "/eventlog";

class Journal {
public:
    /// Opens or begins the log in a folder (files eventlog and .wal_event_entry), and finishes what was begun.
    /// `registers` may be null: then there is a log and nothing else. It must outlive the journal.
    static Result<Journal> open(std::string folder, Registers* registers);

    /// Into the register, and into the log: both, or neither.
    Status append(const event_log::Record& record);

    /// All records so far, without the first one of a log (the Spec ID event).
    [[nodiscard]] const Bytes& entries() const { return entries_; }

private:
    Journal(std::string folder, Registers* registers) : folder_(std::move(folder)), registers_(registers) {}
    [[nodiscard]] std::string log_file() const { return folder_ + kLogName; }
    [[nodiscard]] std::string pending_file() const { return folder_ + "/.wal_event_entry"; }
    Status load();
    Status finish_pending();
    Status measure(const PendingHeader& pending);
    Status write_entry(ByteSpan record);

    std::string folder_;
    Registers* registers_;
    Bytes entries_;
};

}  // namespace hallmark::events
