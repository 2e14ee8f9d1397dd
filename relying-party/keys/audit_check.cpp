// SPDX-License-Identifier: Apache-2.0
#include "relying-party/keys/audit_check.hpp"

#include <optional>

#include "common/bytes.hpp"
#include "common/file.hpp"
#include "common/hex.hpp"
#include "common/text.hpp"

namespace hallmark::keys {
std::string AuditCheck::place() const { return "line " + std::to_string(physical_); }

Status AuditCheck::line(std::string_view text) {
    ++physical_;
    const auto record = parse_audit_line(text);
    // A line that was cut off never is a whole JSON object.
    if (!record) return torn(text, /* ended= */ true, record.error());
    HALLMARK_CHECK(chained(*record));
    const TornBytes pending{pending_, pending_ == 0 ? Sha256{} : pending_hash_.so_far()};
    if (record->torn != pending)
        return bad_input(place() + ": tells of " + std::to_string(record->torn.size) + " torn bytes, found " +
                         std::to_string(pending_) + " in front of it; they were changed, removed or added");
    if (pending_ != 0) ++summary_.torn;
    pending_ = 0;
    pending_hash_ = Hasher<Sha256>();
    if (summary_.lines == 0) {
        summary_.first_sequence = record->sequence;
        summary_.first_previous = record->previous;
    }
    ++summary_.lines;
    if (const auto& event = record->event; !event)
        ++summary_.opened;
    else
        ++(event->outcome == AuditOutcome::kReleased ? summary_.released : summary_.refused);
    summary_.last_sequence = record->sequence;
    summary_.last = sha256(as_bytes(text));
    return {};
}

Status AuditCheck::rest(std::string_view text) {
    if (!text.empty()) {
        ++physical_;
        // Whole but for its line end: the next line would follow it.
        const auto record = parse_audit_line(text);
        if (record) HALLMARK_CHECK(chained(*record));
        HALLMARK_CHECK(torn(text, /* ended= */ false, record ? Error{} : record.error()));
    }
    summary_.unfinished = pending_;
    return {};
}

Status AuditCheck::torn(std::string_view text, bool ended, const Error& why) {
    if (!could_be_torn_line(text)) return bad_input(place() + ": no audit line: " + why.message);
    pending_hash_.update(as_bytes(text));
    if (ended) pending_hash_.update(as_bytes("\n"));
    pending_ += text.size() + (ended ? 1 : 0);
    if (pending_ > kMostTornBytes)
        return bad_input(place() + ": " + std::to_string(pending_) + " torn bytes, expected at most " +
                         std::to_string(kMostTornBytes) + ": " + why.message);
    return {};
}

Status AuditCheck::chained(const AuditRecord& record) const {
    if (summary_.lines == 0) {
        // The first line may go on from a file that was put away; then it says from where.
        if (record.event) return bad_input(place() + ": the log does not begin with \"opened\"; lines were removed");
        return {};
    }
    if (record.previous != summary_.last)
        return bad_input(place() + ": previous found " + to_hex(record.previous) + ", expected " +
                         to_hex(summary_.last) + "; the line before it was changed, or lines were removed or added");
    if (record.sequence != summary_.last_sequence + 1)
        return bad_input(place() + ": sequence found " + std::to_string(record.sequence) + ", expected " +
                         std::to_string(summary_.last_sequence + 1));
    return {};
}

Result<AuditSummary> check_audit_log(const std::filesystem::path& file) {
    AuditCheck check;
    std::string partial;
    std::optional<Error> first;
    const auto take = [&](ByteSpan block) -> Status {
        std::string_view text = text_of(block);
        for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
            partial.append(text.substr(0, end));
            text.remove_prefix(end + 1);
            HALLMARK_CHECK(check.line(partial));
            partial.clear();
        }
        partial.append(text);
        if (partial.size() > kMostTornBytes)
            return bad_input("a line of more than " + std::to_string(kMostTornBytes) + " bytes, expected an audit log");
        return {};
    };
    HALLMARK_TRY(const auto size, read_blocks(file, [&](ByteSpan block) {
                     if (first) return;
                     if (const auto status = take(block); !status) first = status.error();
                 }));
    static_cast<void>(size);
    if (!first)
        if (const auto status = check.rest(partial); !status) first = status.error();
    if (first) return refused(file.string() + ": " + first->message);
    return check.summary();
}

}  // namespace hallmark::keys
