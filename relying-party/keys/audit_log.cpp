// SPDX-License-Identifier: Apache-2.0
#include "relying-party/keys/audit_log.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <utility>

#include "common/bytes.hpp"
#include "relying-party/keys/private_file.hpp"

namespace hallmark::keys {
namespace {

// All that may be torn, and one whole line in front of it.
constexpr std::uint64_t kTail = kMostTornBytes + 2 * kLongestAuditLine;

std::string now() {
    const auto time = std::chrono::system_clock::now();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(time - seconds).count();
    const std::time_t whole = std::chrono::system_clock::to_time_t(seconds);
    std::tm parts{};
    ::gmtime_r(&whole, &parts);
    std::array<char, 32> text{};
    const auto size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    std::array<char, 8> fraction{};
    static_cast<void>(std::snprintf(fraction.data(), fraction.size(), ".%03dZ", static_cast<int>(milliseconds % 1000)));
    return std::string(text.data(), size) + fraction.data();
}

Status write_all(int fd, std::string_view text, const std::string& name) {
    while (!text.empty()) {
        const auto written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return std::unexpected(system_error(name));
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Result<std::string> read_from(int fd, std::uint64_t offset, std::size_t size, const std::string& name) {
    std::string text(size, '\0');
    std::size_t used = 0;
    while (used < size) {
        const auto count = ::pread(fd, text.data() + used, size - used, static_cast<off_t>(offset + used));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return std::unexpected(system_error(name));
        if (count == 0) return bad_input(name + ": became shorter while it was read; it may only be added to");
        used += static_cast<std::size_t>(count);
    }
    return text;
}

}  // namespace

Error AuditLog::failed(std::string_view what) const {
    auto error = system_error("audit log " + file_.string() + ": " + std::string(what));
    error.message += "; nothing is released until it can be written";
    return error;
}

Result<std::unique_ptr<AuditLog>> AuditLog::open(const std::filesystem::path& file) {
    std::unique_ptr<AuditLog> log(new AuditLog(file));
    HALLMARK_TRY(FileDescriptor descriptor, open_file(file));
    HALLMARK_CHECK(log->begin(std::make_shared<const FileDescriptor>(std::move(descriptor)), nullptr));
    return log;
}

Result<FileDescriptor> AuditLog::open_file(const std::filesystem::path& file) {
    const std::string name = "audit log " + file.string();
    if (const auto folder = check_folder_of(file); !folder) return std::unexpected(folder.error().at("audit log"));
    constexpr int kFlags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    FileDescriptor descriptor(::open(file.c_str(), kFlags, 0600));
    if (!descriptor.valid()) return std::unexpected(system_error(name));
    if (const auto mine = check_private(file); !mine) return std::unexpected(mine.error().at("audit log"));
    if (::flock(descriptor.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return bad_input(name + ": another process writes to it; end that one, or name another file");
    HALLMARK_CHECK(sync_folder_of(file));
    return descriptor;
}

/// Looks at the file's tail only: whether all of it is whole is what audit_check.hpp tells.
Result<AuditLog::End> AuditLog::find_end(int fd, const std::string& name) {
    struct stat status{};
    if (::fstat(fd, &status) != 0) return std::unexpected(system_error(name));
    const auto size = static_cast<std::uint64_t>(status.st_size);
    End end;
    if (size == 0) return end;
    const auto start = size - std::min(size, kTail);
    HALLMARK_TRY(const std::string tail, read_from(fd, start, static_cast<std::size_t>(size - start), name));
    end.unended = tail.back() != '\n';

    // From the last line to the first, until one is whole.
    std::string_view rest(tail);
    if (!end.unended) rest.remove_suffix(1);
    std::size_t torn_from = 0;
    for (;;) {
        const auto before = rest.rfind('\n');
        const auto line = before == std::string_view::npos ? rest : rest.substr(before + 1);
        const bool cut = before == std::string_view::npos && start != 0;
        if (const auto record = parse_audit_line(line); record && !cut) {
            end.next_sequence = record->sequence + 1;
            end.last = sha256(as_bytes(line));
            end.fresh = false;
            torn_from = std::min(tail.size(), static_cast<std::size_t>(line.data() - tail.data()) + line.size() + 1);
            break;
        }
        if (cut || !could_be_torn_line(line))
            return bad_input(name + ": its end is no audit log; put the file away, a new one is made");
        if (before == std::string_view::npos) break;
        rest = rest.substr(0, before);
    }
    const auto torn = std::string_view(tail).substr(torn_from);
    if (torn.empty()) return end;
    Hasher<Sha256> hasher;
    hasher.update(as_bytes(torn));
    if (end.unended) hasher.update(as_bytes("\n"));
    end.torn = {.size = torn.size() + (end.unended ? 1 : 0), .sha256 = hasher.finish()};
    if (end.torn.size > kMostTornBytes)
        return bad_input(name + ": " + std::to_string(end.torn.size) +
                         " bytes at its end are no audit log; put the file " + "away, a new one is made");
    return end;
}

/// Writes the line that says that the log was opened, and then goes on with this file.
Status AuditLog::begin(std::shared_ptr<const FileDescriptor> descriptor, const End* follows) {
    HALLMARK_TRY(End end, find_end(descriptor->get(), "audit log " + file_.string()));
    if (end.fresh && follows != nullptr) {
        end.next_sequence = follows->next_sequence;
        end.last = follows->last;
    }
    next_sequence_ = end.next_sequence;
    last_ = end.last;
    AuditRecord record{.time = now(), .event = std::nullopt, .torn = end.torn};
    HALLMARK_CHECK(write_record(*descriptor, std::move(record), end.unended));
    if (::fsync(descriptor->get()) != 0) return std::unexpected(failed("fsync"));
    descriptor_ = std::move(descriptor);
    broken_ = false;
    return {};
}

Status AuditLog::write_record(const FileDescriptor& descriptor, AuditRecord record, bool unended) {
    record.sequence = next_sequence_;
    record.previous = last_;
    const std::string line = to_line(record);
    if (line.size() >= kLongestAuditLine) return bad_input("audit log: a line is too long");
    if (!write_all(descriptor.get(), (unended ? "\n" : "") + line + "\n", file_.string()))
        return std::unexpected(failed("write"));
    ++next_sequence_;
    last_ = sha256(as_bytes(line));
    return {};
}

Status AuditLog::append(AuditEvent event) {
    HALLMARK_TRY(const std::uint64_t ticket, write(std::move(event)));
    return synchronise(ticket);
}

Status AuditLog::note(AuditEvent event) {
    HALLMARK_CHECK(write(std::move(event)));
    return {};
}

/// The number by which the line is synchronised.
Result<std::uint64_t> AuditLog::write(AuditEvent event) {
    const std::lock_guard lock(mutex_);
    if (broken_) HALLMARK_CHECK(begin(descriptor_, nullptr));
    const auto status = write_record(*descriptor_, {.time = now(), .event = std::move(event), .torn = {}}, false);
    broken_ = !status;
    HALLMARK_CHECK(status);
    return ++written_;
}

/// Whoever comes first synchronises for all that wrote before.
Status AuditLog::synchronise(std::uint64_t ticket) {
    const std::lock_guard sync_lock(sync_mutex_);
    // After a failure the kernel may forget the pages and call the next attempt a success: these lines never count.
    if (ticket > lost_from_ && ticket <= lost_to_)
        return bad_input("audit log " + file_.string() + ": not synchronised; nothing is released");
    if (ticket <= synchronised_) return {};
    std::shared_ptr<const FileDescriptor> descriptor;
    std::uint64_t target = 0;
    {
        const std::lock_guard lock(mutex_);
        descriptor = descriptor_;
        target = written_;
    }
    if (::fdatasync(descriptor->get()) == 0) {
        synchronised_ = target;
        return {};
    }
    auto error = failed("fdatasync");
    if (lost_to_ == 0) lost_from_ = synchronised_;
    lost_to_ = target;
    const std::lock_guard lock(mutex_);
    broken_ = true;
    return std::unexpected(std::move(error));
}

Status AuditLog::reopen() {
    const std::lock_guard sync_lock(sync_mutex_);
    const std::lock_guard lock(mutex_);
    struct stat named{};
    struct stat mine{};
    if (::fstat(descriptor_->get(), &mine) != 0) return std::unexpected(failed("fstat"));
    if (::lstat(file_.c_str(), &named) == 0 && named.st_dev == mine.st_dev && named.st_ino == mine.st_ino) return {};
    // Lines that wait to be synchronised are in the old file.
    if (::fdatasync(descriptor_->get()) != 0) return std::unexpected(failed("fdatasync"));
    synchronised_ = std::max(synchronised_, written_);
    HALLMARK_TRY(FileDescriptor descriptor, open_file(file_));
    End follows;
    follows.next_sequence = next_sequence_;
    follows.last = last_;
    const auto status = begin(std::make_shared<const FileDescriptor>(std::move(descriptor)), &follows);
    if (!status) {
        next_sequence_ = follows.next_sequence;
        last_ = follows.last;
    }
    return status;
}

}  // namespace hallmark::keys
