// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/tdx/log_claims.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "common/digest.hpp"
#include "common/endian.hpp"
#include "common/formats/runtime_event.hpp"
#include "common/hex.hpp"
#include "relying-party/verifier/tdx/event_details.hpp"

namespace hallmark::verifier {
namespace {

using event_log::Event;
using event_log::EventType;

// Registers as logs count them.
constexpr std::uint32_t kRtmr1 = 2;
constexpr std::uint32_t kRtmr2 = 3;
constexpr std::uint32_t kRtmr3 = 4;

constexpr std::string_view kKernelPath = "File(kernel)";
constexpr std::string_view kLoadOptions = "LOADED_IMAGE::LoadOptions";

/// A digest that stands once, or not to be relied on.
struct Once {
    std::size_t count = 0;
    std::string digest;

    void see(const std::string& seen) {
        ++count;
        digest = seen;
    }
    void add_to(Json& claims, const char* name) const {
        if (count == 1) claims[name] = digest;
    }
};

bool loads_kernel(const Event& event, const Json& details) {
    if (event.register_index != kRtmr1 || event.type != EventType::kEfiBootServicesApplication) return false;
    const auto paths = details.find("device_paths");
    return paths != details.end() && std::ranges::find(*paths, Json(kKernelPath)) != paths->end();
}

bool is_load_options(const Event& event, const Json& details) {
    return event.register_index == kRtmr2 && event.type == EventType::kEventTag &&
           details.value("string", "") == kLoadOptions;
}

/// "<domain> <operation> <content>": the first two without a space.
std::optional<Json> parse_runtime_event(std::string_view text) {
    const auto first = text.find(' ');
    const auto second = first == std::string_view::npos ? first : text.find(' ', first + 1);
    if (first == 0 || second == std::string_view::npos || second == first + 1) return std::nullopt;
    return Json{{"domain", text.substr(0, first)},
                {"operation", text.substr(first + 1, second - first - 1)},
                {"content", text.substr(second + 1)}};
}

/// What RTMR3 held when the log began, which is no event: two words, where an event has three.
bool is_beginning(std::string_view text) {
    constexpr std::string_view kFirst = "INIT ";
    return text.starts_with(kFirst) && text.find(' ', kFirst.size()) == std::string_view::npos;
}

Result<std::optional<Json>> claim_of(const Event& event, const std::string& place) {
    const auto text = runtime_event::text_in(event.data);
    if (!text) return std::unexpected(text.error().at(place));
    for (const auto byte : as_bytes(*text))
        if (byte < 0x20 || byte > 0x7e)
            return bad_input(place + ": found byte " + hex_number(byte, 2) + ", expected printable ASCII");
    if (is_beginning(*text)) return std::nullopt;
    auto parsed = parse_runtime_event(*text);
    if (!parsed) return bad_input(place + ": expected <domain> <operation> <content>");
    return parsed;
}

bool is_runtime_event(const Event& event) {
    const Le32 tag = runtime_event::kTag;
    return event.register_index == kRtmr3 && event.type == EventType::kEventTag && event.data.size() >= sizeof(tag) &&
           equal(event.data.first(sizeof(tag)), as_bytes(tag));
}

}  // namespace

Status add_log_claims(const event_log::EventLog& log, const std::string& what, Json& claims) {
    if (log.events.size() > kMostEvents)
        return refused(what + ": " + std::to_string(log.events.size()) + " events, expected at most " +
                       std::to_string(kMostEvents));
    const auto bank = log.bank(event_log::Algorithm::kSha384);
    if (!bank) return refused(what + ": no bank sha384");
    Once kernel;
    Once parameters;
    Json events = Json::array();
    Json runtime = Json::array();
    for (const auto& event : log.events) {
        const ByteSpan digest = event.digests.at(*bank);
        const std::string hex = to_hex(digest);
        const bool covers_data = equal(digest, sha384(event.data));
        Json details = event_details(event);
        if (loads_kernel(event, details)) kernel.see(hex);
        if (is_load_options(event, details)) parameters.see(hex);
        if (is_runtime_event(event)) {
            const std::string place = what + ": offset " + hex_number(event.offset) + ": runtime event";
            if (!covers_data) return refused(place + ": its digest is of something else than its text");
            auto claim = claim_of(event, place);
            if (!claim) return refused(claim.error().message);
            if (*claim) runtime.push_back(std::move(**claim));
        }
        events.push_back({{"details", std::move(details)},
                          {"digest_matches_event", covers_data},
                          {"digests", Json::array({Json{{"alg", "SHA-384"}, {"digest", hex}}})},
                          {"index", event.register_index},
                          {"type_name", event_log::event_type_name(event.type)}});
    }
    claims["uefi_event_logs"] = std::move(events);
    kernel.add_to(claims, "tdvfkernel");
    parameters.add_to(claims, "tdvfkernelparams");
    claims["runtime_events"] = std::move(runtime);
    return {};
}

}  // namespace hallmark::verifier
