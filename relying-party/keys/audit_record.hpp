// SPDX-License-Identifier: Apache-2.0
// The format of the audit log: one JSON object a line, each with the SHA-256 of the line before it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/result.hpp"

namespace hallmark::keys {

enum class AuditOutcome { kReleased, kRefused };

/// What happened to one request. Every text is escaped and cut to a bound: it may come from the one who asked.
struct AuditEvent {
    AuditOutcome outcome = AuditOutcome::kRefused;
    std::string who;      ///< the digest of the session's id, or the token's subject
    std::string peer;     ///< the address that asked
    std::string what;     ///< the path
    std::string verdict;  ///< of the appraisal, in the terms of EAR
    std::string why;      ///< which rule allowed it, or what was missing
    std::string tee;
    bool simulated = false;  ///< the evidence was of a simulated TEE
};

/// Bytes of a torn line that stands in front of this one.
struct TornBytes {
    std::uint64_t size = 0;
    Sha256 sha256{};
    bool operator==(const TornBytes&) const = default;
};

/// One line of the log.
struct AuditRecord {
    std::uint64_t sequence = 0;
    Sha256 previous{};  ///< of the line before, without its line end; zeros in front of everything
    std::string time;   ///< UTC, RFC 3339 with milliseconds
    /// Nothing where the log was opened: then the line says what was torn, if anything was.
    std::optional<AuditEvent> event;
    TornBytes torn;
};

/// Every line, with its end, is at most this long.
inline constexpr std::size_t kLongestAuditLine = 16 * 1024;
/// A crash tears one line; some more, where each attempt to go on was cut off too.
inline constexpr std::uint64_t kMostTornBytes = 16 * kLongestAuditLine;

/// The line without its end: printable ASCII only, whatever the texts hold.
std::string to_line(const AuditRecord& record);
Result<AuditRecord> parse_audit_line(std::string_view line);

/// Whether this may be the beginning of a line, cut off anywhere.
bool could_be_torn_line(std::string_view text);

}  // namespace hallmark::keys
