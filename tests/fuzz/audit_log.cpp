// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever could write to a copy of the audit log before somebody checks it.
// Size cap: 64 KiB; a line has at most 16.
#include "relying-party/keys/audit_check.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

using namespace keys;

std::vector<Bytes> seeds() {
    AuditRecord opened;
    opened.time = "2026-11-25T16:40:00.123Z";
    const std::string first = to_line(opened);
    AuditRecord released;
    released.sequence = 1;
    released.previous = sha256(as_bytes(first));
    released.event.emplace();
    released.event->why = "\x1b[2J \xff";
    const std::string second = to_line(released);
    const std::string_view cut = R"({"audit":1,"sequ)";
    AuditRecord again;
    again.sequence = 2;
    again.previous = sha256(as_bytes(second));
    again.torn = {.size = cut.size() + 1, .sha256 = sha256(as_bytes(std::string(cut) + "\n"))};
    const std::string whole = first + "\n" + second + "\n" + std::string(cut) + "\n" + to_line(again) + "\n";
    return {seed(whole), seed(whole + std::string(cut)), seed(first)};
}

void attempt(ByteSpan input) {
    AuditCheck check;
    auto text = text_of(input);
    for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
        const auto line = text.substr(0, end);
        text.remove_prefix(end + 1);
        if (const auto record = parse_audit_line(line)) {
            const auto again = parse_audit_line(to_line(*record));
            require(again.has_value(), "what was read is written so that it can be read");
            require(again->sequence == record->sequence && again->previous == record->previous, "and means the same");
        }
        if (!check.line(line)) return;
    }
    if (!check.rest(text)) return;
    const auto& found = check.summary();
    require(found.lines == found.opened + found.released + found.refused, "every line is counted once");
    require(found.lines == 0 || found.last_sequence - found.first_sequence + 1 == found.lines, "no number is missing");
}

}  // namespace

const Target kTarget{.largest = 64 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
