// SPDX-License-Identifier: Apache-2.0
// Who got which secret, who didn't, and why: a file that is only ever added to. A line is on the disk before its secret
// leaves, so the log may hold a release that a crash prevented, and never lacks one that happened.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "common/descriptor.hpp"
#include "common/digest.hpp"
#include "common/result.hpp"
#include "relying-party/keys/audit_record.hpp"

namespace hallmark::keys {

class AuditLog {
public:
    /// Makes the file (mode 0600) or goes on with it. A line that a crash tore stays; the next one tells of it. Another
    /// process that has the log open is an error.
    static Result<std::unique_ptr<AuditLog>> open(const std::filesystem::path& file);

    /// On the disk when it returns. Where it fails nothing may be released. Threads may share it; they wait for one
    /// synchronisation together.
    Status append(AuditEvent event);
    /// For what gave no secret away: not on the disk yet when it returns, but before any later line of append() is.
    Status note(AuditEvent event);

    /// After the file was renamed: goes on in a new one, whose first line follows the last of the old. Nothing happens
    /// where the file still has its name. Where it fails the log goes on in the old file.
    Status reopen();

private:
    /// Where the next line is attached.
    struct End {
        std::uint64_t next_sequence = 0;
        Sha256 last{};
        TornBytes torn;
        bool unended = false;  // the file's last line lacks its end
        bool fresh = true;     // no whole line is in it
    };
    explicit AuditLog(std::filesystem::path file) : file_(std::move(file)) {}
    static Result<FileDescriptor> open_file(const std::filesystem::path& file);
    static Result<End> find_end(int fd, const std::string& name);
    Status begin(std::shared_ptr<const FileDescriptor> descriptor, const End* follows);
    Status write_record(const FileDescriptor& descriptor, AuditRecord record, bool unended);
    Result<std::uint64_t> write(AuditEvent event);
    Status synchronise(std::uint64_t ticket);
    [[nodiscard]] Error failed(std::string_view what) const;

    std::filesystem::path file_;
    std::mutex mutex_;  // of the next five; where both are held, taken second
    std::shared_ptr<const FileDescriptor> descriptor_;
    std::uint64_t next_sequence_ = 0;
    Sha256 last_{};
    bool broken_ = false;  // an append failed: what it left is looked at before the next
    std::uint64_t written_ = 0;

    std::mutex sync_mutex_;
    std::uint64_t synchronised_ = 0;  // lines up to this one are on the disk
    std::uint64_t lost_from_ = 0;     // lines after this one, up to the next, may not be
    std::uint64_t lost_to_ = 0;
};

}  // namespace hallmark::keys
