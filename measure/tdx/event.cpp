// SPDX-License-Identifier: Apache-2.0
#include "measure/tdx/event.hpp"

#include <algorithm>

#include "common/file.hpp"
#include "common/hex.hpp"

namespace hallmark::tdx {

std::string_view name_of(Register where) {
    constexpr std::array<std::string_view, kRegisters> kNames = {"rtmr0", "rtmr1", "rtmr2", "rtmr3"};
    return kNames.at(static_cast<std::size_t>(where));
}

void EventList::add(Register where, event_log::EventType type, std::string name, std::string what,
                    const Sha384& digest) {
    add_event({where, type, std::move(name), std::move(what), digest, ""});
}

void EventList::add_data(Register where, event_log::EventType type, std::string name, std::string what, ByteSpan data) {
    if (takes(where)) add(where, type, std::move(name), std::move(what), sha384(data));
}

void EventList::add_unknown(Register where, event_log::EventType type, std::string name, std::string what,
                            std::string reason) {
    add_event({where, type, std::move(name), std::move(what), std::nullopt, std::move(reason)});
}

void EventList::add_event(Event event) {
    if (!takes(event.where)) return;
    if (const auto known = known_.find(event.name); known != known_.end()) {
        event.reason = event.digest && *event.digest != known->second
                           ? "given, and not what is predicted: " + to_hex(*event.digest)
                           : "given";
        event.digest = known->second;
    }
    events_.push_back(std::move(event));
}

Status EventList::all_known_used() const {
    for (const auto& [name, digest] : known_) {
        if (std::ranges::find(events_, name, &Event::name) != events_.end()) continue;
        std::string names;
        for (const auto& event : events_) names += (names.empty() ? "" : ", ") + event.name;
        return bad_input("event '" + name + "' is not among those of this boot, expected one of " + names);
    }
    return {};
}

std::optional<Sha384> replay(const std::vector<Event>& events, Register where, Trace* trace) {
    Sha384 value{};
    for (const auto& event : events) {
        if (event.where != where) continue;
        const auto name = std::string(name_of(where)) + ": " + event.name;
        if (!event.digest) {
            if (trace != nullptr) trace->push_back({name, "not predicted: " + event.reason, ""});
            return std::nullopt;
        }
        Hasher<Sha384> hasher;
        hasher.update(value);
        hasher.update(*event.digest);
        value = hasher.finish();
        if (trace != nullptr)
            trace->push_back({name, event.what + ", SHA-384 " + to_hex(*event.digest), to_hex(value)});
    }
    return value;
}

Result<FileSha384> sha384_file(const std::string& path) {
    Hasher<Sha384> hasher;
    HALLMARK_TRY(const std::uint64_t size, read_blocks(path, [&](ByteSpan block) { hasher.update(block); }));
    return FileSha384{hasher.finish(), size};
}

}  // namespace hallmark::tdx
