// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/tdx/log_claims.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "common/digest.hpp"
#include "common/endian.hpp"
#include "common/hex.hpp"
#include "common/reader.hpp"
#include "relying-party/verifier/tdx/event_details.hpp"

namespace hallmark::verifier {
namespace {

using event_log::Event;
using event_log::EventType;

// Registers as logs count them.
constexpr std::uint32_t kRtmr1 = 2;
constexpr std::uint32_t kRtmr2 = 3;
constexpr std::uint32_t kRtmr3 = 4;

constexpr std::uint32_t kAaelTag = 0x4141454c;
constexpr std::string_view kKernelPath = "File(kernel)";
constexpr std::string_view kLoadOptions = "LOADED_IMAGE::LoadOptions";

struct AaelHeader {
    Le32 tag;   // 0
    Le32 size;  // 4, of the text
};
static_assert(sizeof(AaelHeader) == 8 && offsetof(AaelHeader, size) == 4);

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

Result<Json> runtime_event(const Event& event, const std::string& place) {
    Reader reader(event.data, place);
    HALLMARK_TRY(const auto header, reader.structure<AaelHeader>());
    HALLMARK_TRY(const ByteSpan text, reader.bytes(header.size));
    HALLMARK_CHECK(reader.finished());
    for (const auto byte : text)
        if (byte < 0x20 || byte > 0x7e)
            return bad_input(place + ": found byte " + hex_number(byte, 2) + ", expected printable ASCII");
    auto parsed = parse_runtime_event({reinterpret_cast<const char*>(text.data()), text.size()});
    if (!parsed) return bad_input(place + ": expected <domain> <operation> <content>");
    return *std::move(parsed);
}

bool is_runtime_event(const Event& event) {
    constexpr std::array<std::uint8_t, 4> kTag = {kAaelTag & 0xff, kAaelTag >> 8 & 0xff, kAaelTag >> 16 & 0xff,
                                                  kAaelTag >> 24};
    return event.register_index == kRtmr3 && event.type == EventType::kEventTag && event.data.size() >= kTag.size() &&
           equal(event.data.first(kTag.size()), kTag);
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
            auto parsed = runtime_event(event, place);
            if (!parsed) return refused(parsed.error().message);
            runtime.push_back(*std::move(parsed));
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
