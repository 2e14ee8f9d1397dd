// SPDX-License-Identifier: Apache-2.0
#include "agent/events/logged_events.hpp"

#include <algorithm>
#include <string_view>

#include "common/formats/event_log.hpp"
#include "common/formats/runtime_event.hpp"
#include "common/hex.hpp"

namespace hallmark::events {
namespace {

constexpr const char* kWhat = "runtime event log";

/// What the register holds by the log: from the value that its first entry names.
Result<Sha384> replayed(ByteSpan entries, std::uint32_t register_index) {
    Bytes whole = event_log::encode_guest_log({});
    append(whole, entries);
    HALLMARK_TRY(const auto log, event_log::parse_event_log(whole, kWhat));
    if (log.events.empty()) return bad_input(std::string(kWhat) + ": empty, expected an INIT entry");
    HALLMARK_TRY(const std::string text, runtime_event::text_in(log.events.front().data));
    const std::string_view prefix = "INIT sha384/";
    const auto digits = text.starts_with(prefix) ? from_hex(std::string_view(text).substr(prefix.size()))
                                                 : Result<Bytes>(bad_input(""));
    Sha384 value{};
    if (!digits || digits->size() != value.size())
        return bad_input(std::string(kWhat) + ": begins with another entry than INIT sha384/…");
    std::ranges::copy(*digits, value.begin());
    for (const auto& event : log.events) {
        if (event.register_index != register_index) continue;
        Sha384 digest{};
        std::ranges::copy(event.digests.front(), digest.begin());
        value = extended(value, digest);
    }
    return value;
}

}  // namespace

Result<std::unique_ptr<LoggedEvents>> LoggedEvents::open(const Place& place, std::unique_ptr<Registers> registers) {
    HALLMARK_TRY(Journal journal, Journal::open(place.folder, registers.get()));
    std::unique_ptr<LoggedEvents> events(new LoggedEvents(place, std::move(registers), std::move(journal)));
    HALLMARK_CHECK(events->begin_or_check());
    return events;
}

Status LoggedEvents::begin_or_check() {
    Sha384 value{};
    if (registers_) {
        HALLMARK_TRY(value, registers_->value(register_index_));
    }
    if (journal_.entries().empty())
        return journal_.append(runtime_event::record_of(register_index_, initial_text(value)));
    HALLMARK_TRY(const Sha384 expected, replayed(journal_.entries(), register_index_));
    if (!registers_ || value == expected) return {};
    return refused(std::string(kWhat) + ": replays to " + to_hex(expected) + ", register " +
                   std::to_string(register_index_) + " holds " + to_hex(value) +
                   ": this guest can't be attested any more");
}

Result<guest::Extended> LoggedEvents::extend(const guest::RuntimeEvent& wanted) {
    const Event event{std::string(wanted.domain), std::string(wanted.operation), std::string(wanted.content)};
    HALLMARK_CHECK(check_event(event));
    const std::uint32_t register_index =
        wanted.register_index ? register_of_pcr(*wanted.register_index) : register_index_;
    const std::lock_guard lock(mutex_);
    HALLMARK_CHECK(journal_.append(runtime_event::record_of(register_index, text_of(event))));
    return registers_ || place_.bind_report_data ? guest::Extended::kOk : guest::Extended::kNotSupported;
}

Status LoggedEvents::with_entries(const std::function<Status(ByteSpan entries)>& take) {
    const std::lock_guard lock(mutex_);
    return take(journal_.entries());
}

std::array<std::uint8_t, 64> bind_entries(const std::array<std::uint8_t, 64>& report_data, ByteSpan entries) {
    constexpr std::string_view kDomain("hallmark runtime events\0", 24);
    Hasher<Sha512> hasher;
    hasher.update(as_bytes(kDomain));
    hasher.update(report_data);
    hasher.update(sha384(entries));
    return hasher.finish();
}

}  // namespace hallmark::events
