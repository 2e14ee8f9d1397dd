// SPDX-License-Identifier: Apache-2.0
#include "boot/simulated/tdx/registers.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "common/formats/event_log_writer.hpp"
#include "common/formats/runtime_event.hpp"
#include "common/hex.hpp"

namespace hallmark::boot {
namespace {

using event_log::EventType;
using tdx::Register;

constexpr std::uint32_t kFirmwarePcr = 0;
constexpr std::uint32_t kPlatformPcr = 1;
constexpr std::uint32_t kLastSeparated = 6;  // at ready-to-boot; PCR 7 has had its own behind Secure Boot's variables
constexpr std::uint32_t kRtmr3 = 4;          // as a guest's log counts it: 0 is MRTD
constexpr std::size_t kTpmLogFile = 64 * 1024;

Error wrong(const std::string& what) { return {Fault::kNo, "event log in guest memory: " + what}; }

Result<Register> register_of(std::uint32_t pcr) {
    if (pcr == kPlatformPcr || pcr == 7) return Register::kRtmr0;
    if (pcr >= 2 && pcr <= 6) return Register::kRtmr1;
    if (pcr >= 8 && pcr <= 15) return Register::kRtmr2;
    return std::unexpected(wrong("an event in PCR " + std::to_string(pcr) + ", which TDX has no register for"));
}

/// An event of the log with what counts here.
struct TpmEvent {
    std::uint32_t pcr = 0;
    EventType type{};
    Sha384 digest{};
    ByteSpan data;

    [[nodiscard]] bool at_ready_to_boot() const { return type == EventType::kSeparator && pcr <= kLastSeparated; }
};

Result<std::vector<TpmEvent>> extended(const event_log::EventLog& log) {
    const auto bank = log.bank(event_log::Algorithm::kSha384);
    if (!bank) return std::unexpected(wrong("no bank of SHA-384"));
    std::vector<TpmEvent> events;
    for (const auto& event : log.events) {
        if (event.type == EventType::kNoAction) continue;
        const auto digest = event.digests.at(*bank);
        if (digest.size() != sizeof(Sha384))
            return std::unexpected(wrong("offset " + hex_number(event.offset) + ": no digest of SHA-384"));
        TpmEvent& added = events.emplace_back(event.register_index, event.type);
        std::ranges::copy(digest, added.digest.begin());
        added.data = event.data;
    }
    return events;
}

/// One in each of PCR 0 to 6, all alike: else leaving six of them out would leave something out that TDX has.
Status check_separators(const std::vector<TpmEvent>& events) {
    std::vector<TpmEvent> separators;
    std::ranges::copy_if(events, std::back_inserter(separators), &TpmEvent::at_ready_to_boot);
    std::ranges::sort(separators, {}, &TpmEvent::pcr);
    bool alike = separators.size() == kLastSeparated + 1;
    for (std::uint32_t pcr = 0; alike && pcr <= kLastSeparated; ++pcr)
        alike = separators[pcr].pcr == pcr && separators[pcr].digest == separators[0].digest;
    if (alike) return {};
    return std::unexpected(wrong("separators in PCR 0 to 6 that are not one in each, all alike"));
}

/// That of etc/tpm/log, of which there must be one.
Result<const TpmEvent*> tpm_log_event(const std::vector<TpmEvent>& events) {
    const Sha384 empty = sha384(Bytes(kTpmLogFile));
    const auto is_it = [&](const TpmEvent& event) {
        return event.pcr == kPlatformPcr && event.type == EventType::kPlatformConfigFlags && event.digest == empty;
    };
    const auto found = std::ranges::find_if(events, is_it);
    if (std::ranges::count_if(events, is_it) != 1)
        return std::unexpected(wrong("no event of etc/tpm/log, or several, expected one"));
    return &*found;
}

Extension extension_of(const TpmEvent& event, Register where) {
    return {where, event.type, event.digest, Bytes(event.data.begin(), event.data.end())};
}

}  // namespace

Result<std::vector<Extension>> as_tdx(const event_log::EventLog& log, bool separator_in_rtmr1) {
    HALLMARK_TRY(const auto events, extended(log));
    HALLMARK_CHECK(check_separators(events));
    HALLMARK_TRY(const TpmEvent* only_tpm, tpm_log_event(events));
    std::vector<Extension> extensions;
    bool separated = false;
    for (const auto& event : events) {
        if (event.at_ready_to_boot()) {
            if (!separated)
                extensions.push_back(extension_of(event, separator_in_rtmr1 ? Register::kRtmr1 : Register::kRtmr0));
            separated = true;
        } else if (event.pcr != kFirmwarePcr && &event != only_tpm) {
            HALLMARK_TRY(const Register where, register_of(event.pcr));
            extensions.push_back(extension_of(event, where));
        }
    }
    return extensions;
}

Result<std::vector<Extension>> runtime_extensions(ByteSpan log) {
    const std::string what = "the guest's event log";
    const auto parsed = event_log::parse_event_log(log, what);
    if (!parsed) return refused(parsed.error().message);
    const auto bank = parsed->bank(event_log::Algorithm::kSha384);
    if (!bank) return refused(what + ": no bank of SHA-384");
    std::vector<Extension> extensions;
    for (const auto& event : parsed->events) {
        if (event.register_index != kRtmr3 || event.type == EventType::kNoAction) continue;
        const auto place = what + ": offset " + hex_number(event.offset) + ": ";
        if (event.type != EventType::kEventTag)
            return refused(place + event_type_name(event.type) + " in RTMR3, expected EV_EVENT_TAG");
        if (const auto text = runtime_event::text_in(event.data); !text) return refused(place + text.error().message);
        const Sha384 digest = sha384(event.data);
        if (!equal(event.digests.at(*bank), digest))
            return refused(place + "the digest of a runtime event is not that of its data");
        extensions.push_back({Register::kRtmr3, event.type, digest, Bytes(event.data.begin(), event.data.end())});
    }
    return extensions;
}

Bytes guest_log(const std::vector<Extension>& extensions) {
    std::vector<event_log::Record> records;
    records.reserve(extensions.size());
    for (const auto& extension : extensions)
        records.push_back({static_cast<std::uint32_t>(extension.where) + 1,  // 0 is MRTD
                           extension.type, extension.digest, extension.data});
    return event_log::encode_guest_log(records);
}

std::array<Sha384, tdx::kRegisters> replay(const std::vector<Extension>& extensions) {
    std::array<Sha384, tdx::kRegisters> values{};
    for (const auto& extension : extensions) {
        auto& value = values.at(static_cast<std::size_t>(extension.where));
        Hasher<Sha384> hasher;
        hasher.update(value);
        hasher.update(extension.digest);
        value = hasher.finish();
    }
    return values;
}

}  // namespace hallmark::boot
