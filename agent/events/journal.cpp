// SPDX-License-Identifier: Apache-2.0
#include "agent/events/journal.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "agent/events/event.hpp"
#include "common/descriptor.hpp"
#include "common/file.hpp"
#include "common/hex.hpp"
#include "common/reader.hpp"

namespace hallmark::events {
namespace {

constexpr std::size_t kLargestRecord = 2 * kLongestContent;
constexpr unsigned kFolderMode = 0755;
constexpr unsigned kPendingMode = 0600;
constexpr unsigned kLogMode = 0644;  // no secret, and containers may be shown it

/// A whole file, or nothing where there is none.
Result<std::optional<Bytes>> read_if_there(const std::string& path, std::size_t limit) {
    if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) return std::nullopt;
    HALLMARK_TRY(Bytes bytes, read_file(path, limit));
    return std::optional(std::move(bytes));
}

Status write_all(int file, const std::string& path, ByteSpan bytes) {
    while (!bytes.empty()) {
        const auto count = ::write(file, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return std::unexpected(system_error(path, Fault::kNo));
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return {};
}

}  // namespace

Result<Journal> Journal::open(std::string folder, Registers* registers) {
    if (::mkdir(folder.c_str(), kFolderMode) != 0 && errno != EEXIST)
        return std::unexpected(system_error(folder, Fault::kNo));
    Journal journal(std::move(folder), registers);
    HALLMARK_CHECK(journal.load());
    HALLMARK_CHECK(journal.finish_pending());
    return journal;
}

Status Journal::load() {
    HALLMARK_TRY(auto found, read_if_there(log_file(), kLargestLog));
    if (found) entries_ = std::move(*found);
    return {};
}

Status Journal::append(const event_log::Record& record) {
    // Left from a failure after the register was extended.
    HALLMARK_CHECK(finish_pending());
    const Bytes encoded = event_log::encode_record(record);
    if (encoded.size() > kLargestRecord || entries_.size() + encoded.size() > kLargestLog)
        return refused(log_file() + ": a record of " + std::to_string(encoded.size()) + " bytes behind " +
                       std::to_string(entries_.size()) + ", expected at most " + std::to_string(kLargestLog) +
                       " in all");
    PendingHeader pending;
    pending.magic = kPendingMagic;
    pending.log_size = entries_.size();
    pending.register_index = record.register_index;
    pending.record_size = static_cast<std::uint32_t>(encoded.size());
    pending.digest = record.digest;
    if (registers_ != nullptr) {
        HALLMARK_TRY(pending.before, registers_->value(record.register_index));
    }
    Bytes bytes;
    hallmark::append(bytes, as_bytes(pending));
    hallmark::append(bytes, encoded);
    HALLMARK_CHECK(write_file(pending_file(), bytes, kPendingMode));
    return finish_pending();
}

Status Journal::finish_pending() {
    HALLMARK_TRY(const auto found, read_if_there(pending_file(), sizeof(PendingHeader) + kLargestRecord));
    if (!found) return {};
    Reader reader(*found, pending_file());
    HALLMARK_TRY(const auto pending, reader.structure<PendingHeader>());
    HALLMARK_TRY(const ByteSpan record, reader.bytes(pending.record_size));
    HALLMARK_CHECK(reader.finished());
    if (pending.magic != kPendingMagic || pending.log_size > entries_.size())
        return refused(pending_file() + ": a record behind " + std::to_string(pending.log_size.get()) +
                       " bytes, but the log has " + std::to_string(entries_.size()) +
                       ": log and register may differ, and this guest can't be attested any more");
    HALLMARK_CHECK(measure(pending));
    // What was written of it before is written again.
    entries_.resize(pending.log_size.get());
    HALLMARK_CHECK(write_entry(record));
    if (::unlink(pending_file().c_str()) != 0) return std::unexpected(system_error(pending_file(), Fault::kNo));
    return {};
}

Status Journal::measure(const PendingHeader& pending) {
    if (registers_ == nullptr) return {};
    HALLMARK_TRY(const Sha384 value, registers_->value(pending.register_index));
    const Sha384 after = extended(pending.before, pending.digest);
    if (value == after) return {};  // killed after that
    if (value != pending.before)
        return refused("register " + std::to_string(pending.register_index.get()) + ": holds " + to_hex(value) +
                       ", expected " + to_hex(pending.before) + " or " + to_hex(after) +
                       ": something else extends it, and this guest can't be attested any more");
    const auto done = registers_->extend(pending.register_index, pending.digest);
    if (done) return {};
    const auto now = registers_->value(pending.register_index);
    if (now && *now == after) return {};
    // Nothing happened, so nothing is pending.
    if (now && *now == pending.before) ::unlink(pending_file().c_str());
    return done;
}

Status Journal::write_entry(ByteSpan record) {
    const FileDescriptor file(::open(log_file().c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kLogMode));
    if (!file.valid() || ::ftruncate(file.get(), static_cast<off_t>(entries_.size())) != 0 ||
        ::lseek(file.get(), 0, SEEK_END) < 0)
        return std::unexpected(system_error(log_file(), Fault::kNo));
    HALLMARK_CHECK(write_all(file.get(), log_file(), record));
    hallmark::append(entries_, record);
    return {};
}

}  // namespace hallmark::events
