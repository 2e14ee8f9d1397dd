// SPDX-License-Identifier: Apache-2.0
#include "relying-party/keys/audit_record.hpp"

#include <algorithm>
#include <utility>

#include "common/hex.hpp"
#include "common/json.hpp"

namespace hallmark::keys {
namespace {

// Six characters a byte where all of it must be escaped: all texts at their bound still make a line of less than 16
// KiB.
constexpr std::size_t kLongestText = 256;
constexpr std::size_t kLongestReason = 768;
constexpr std::string_view kCut = "...";
constexpr std::size_t kUsualLine = 1024;
// What every line begins with.
constexpr std::string_view kStart = R"({"audit":1,)";

/// A member of the line. Few texts need an escape; those get it from the library.
void put(std::string& line, std::string_view name, std::string_view text) {
    line.append(",\"").append(name).append("\":");
    const auto plain = [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; };
    if (std::ranges::all_of(text, plain)) {
        line.append("\"").append(text).append("\"");
    } else {
        line += Json(text).dump(-1, ' ', /* ensure_ascii= */ true, Json::error_handler_t::replace);
    }
}

std::string bounded(const std::string& text, std::size_t limit = kLongestText) {
    if (text.size() <= limit) return text;
    return text.substr(0, limit - kCut.size()) + std::string(kCut);
}

Result<Sha256> digest_of(const JsonObject& object, std::string_view key) {
    HALLMARK_TRY(const std::string text, object.string(key));
    const auto bytes = from_hex(text);
    Sha256 digest{};
    // One spelling of a digest only.
    if (!bytes || bytes->size() != digest.size() || to_hex(*bytes) != text)
        return bad_input(object.path_of(key) + ": no SHA-256, expected 64 hexadecimal digits in lower case");
    std::copy(bytes->begin(), bytes->end(), digest.begin());
    return digest;
}

Status read_opened(const JsonObject& object, AuditRecord& record) {
    if (!object.has("torn_bytes")) return object.only({"audit", "sequence", "previous", "time", "event"});
    HALLMARK_CHECK(object.only({"audit", "sequence", "previous", "time", "event", "torn_bytes", "torn_sha256"}));
    HALLMARK_TRY(record.torn.size, object.number("torn_bytes"));
    if (record.torn.size == 0) return bad_input(object.path_of("torn_bytes") + ": found 0, expected more or none");
    HALLMARK_TRY(record.torn.sha256, digest_of(object, "torn_sha256"));
    return {};
}

Result<AuditEvent> read_event(const JsonObject& object, AuditOutcome outcome) {
    HALLMARK_CHECK(object.only({"audit", "sequence", "previous", "time", "event", "who", "peer", "what", "verdict",
                                "why", "tee", "simulated"}));
    AuditEvent event;
    event.outcome = outcome;
    HALLMARK_TRY(event.who, object.string("who"));
    HALLMARK_TRY(event.peer, object.string("peer"));
    HALLMARK_TRY(event.what, object.string("what"));
    HALLMARK_TRY(event.verdict, object.string("verdict"));
    HALLMARK_TRY(event.why, object.string("why"));
    HALLMARK_TRY(event.tee, object.string("tee"));
    HALLMARK_TRY(event.simulated, object.boolean("simulated"));
    return event;
}

}  // namespace

std::string to_line(const AuditRecord& record) {
    std::string line(kStart);
    line.reserve(kUsualLine);
    line += R"("sequence":)" + std::to_string(record.sequence);
    put(line, "previous", to_hex(record.previous));
    put(line, "time", record.time);
    if (!record.event) {
        put(line, "event", "opened");
        if (record.torn.size != 0) {
            line += R"(,"torn_bytes":)" + std::to_string(record.torn.size);
            put(line, "torn_sha256", to_hex(record.torn.sha256));
        }
    } else {
        const auto& event = *record.event;
        put(line, "event", event.outcome == AuditOutcome::kReleased ? "released" : "refused");
        put(line, "who", bounded(event.who));
        put(line, "peer", bounded(event.peer));
        put(line, "what", bounded(event.what, kLongestReason));
        put(line, "verdict", bounded(event.verdict));
        put(line, "why", bounded(event.why, kLongestReason));
        put(line, "tee", bounded(event.tee));
        line += event.simulated ? R"(,"simulated":true)" : R"(,"simulated":false)";
    }
    return line += '}';
}

Result<AuditRecord> parse_audit_line(std::string_view line) {
    if (line.size() >= kLongestAuditLine)
        return bad_input("audit line: " + std::to_string(line.size()) + " bytes, expected less than " +
                         std::to_string(kLongestAuditLine));
    HALLMARK_TRY(const Json json, parse_json(line, "audit line"));
    HALLMARK_TRY(const JsonObject object, JsonObject::of(json, "audit line"));
    HALLMARK_TRY(const std::uint64_t version, object.number("audit"));
    if (version != 1) return bad_input("audit line: version " + std::to_string(version) + ", expected 1");
    AuditRecord record;
    HALLMARK_TRY(record.sequence, object.number("sequence"));
    HALLMARK_TRY(record.previous, digest_of(object, "previous"));
    HALLMARK_TRY(record.time, object.string("time"));
    HALLMARK_TRY(const std::string event, object.string("event"));
    if (event == "opened") {
        HALLMARK_CHECK(read_opened(object, record));
        return record;
    }
    if (event != "released" && event != "refused")
        return bad_input("audit line: an event that is not known, expected opened, released or refused");
    HALLMARK_TRY(record.event,
                 read_event(object, event == "released" ? AuditOutcome::kReleased : AuditOutcome::kRefused));
    return record;
}

bool could_be_torn_line(std::string_view text) {
    const auto common = std::min(text.size(), kStart.size());
    return text.substr(0, common) == kStart.substr(0, common);
}

}  // namespace hallmark::keys
