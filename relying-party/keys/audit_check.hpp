// SPDX-License-Identifier: Apache-2.0
// Tells whether an audit log is whole: no line of it was changed, removed, added or moved. That its last lines were cut
// off, or all of it written anew, shows only to somebody who kept its last digest elsewhere.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "common/digest.hpp"
#include "common/result.hpp"
#include "relying-party/keys/audit_record.hpp"

namespace hallmark::keys {

struct AuditSummary {
    std::uint64_t lines = 0;
    std::uint64_t released = 0;
    std::uint64_t refused = 0;
    std::uint64_t opened = 0;
    std::uint64_t torn = 0;            ///< lines that a crash tore, each told of by the line after it
    std::uint64_t unfinished = 0;      ///< bytes of a torn line at the end, which nobody has told of yet
    std::uint64_t first_sequence = 0;  ///< 0 unless the log goes on from a file that was put away
    Sha256 first_previous{};           ///< the last digest of that file
    std::uint64_t last_sequence = 0;
    Sha256 last{};  ///< of the last whole line: what to keep elsewhere
};

/// Takes a log line by line.
class AuditCheck {
public:
    /// A line without its end.
    Status line(std::string_view text);
    /// What stands behind the last line end.
    Status rest(std::string_view text);
    [[nodiscard]] const AuditSummary& summary() const { return summary_; }

private:
    Status torn(std::string_view text, bool ended, const Error& why);
    Status chained(const AuditRecord& record) const;
    [[nodiscard]] std::string place() const;

    AuditSummary summary_;
    std::uint64_t physical_ = 0;  // lines seen, torn ones too
    std::uint64_t pending_ = 0;   // bytes of torn lines since the last whole one
    Hasher<Sha256> pending_hash_;
};

/// Checks a file of any size, in little memory. Fault::kNo: it is not whole, or no audit log.
Result<AuditSummary> check_audit_log(const std::filesystem::path& file);

}  // namespace hallmark::keys
