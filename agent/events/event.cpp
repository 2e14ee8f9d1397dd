// SPDX-License-Identifier: Apache-2.0
#include "agent/events/event.hpp"

#include <algorithm>

#include "common/hex.hpp"
#include "common/jcs.hpp"
#include "common/json.hpp"

namespace hallmark::events {
namespace {

constexpr std::string_view kCoCoDomain = "github.com/confidential-containers";
constexpr std::uint32_t kRuntimeRegister = 4;  // RTMR3

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

Status check_name(std::string_view what, std::string_view name) {
    const bool spaced = std::ranges::any_of(name, [](char c) { return c == ' ' || is_control(c); });
    if (!name.empty() && name.size() <= kLongestName && !spaced) return {};
    return bad_input("runtime event: " + std::string(what) + " of " + std::to_string(name.size()) + " bytes" +
                     (spaced ? " with white space or control characters" : "") + ", expected 1 to " +
                     std::to_string(kLongestName) + " without");
}

}  // namespace

Status check_event(const Event& event) {
    HALLMARK_CHECK(check_name("domain", event.domain));
    HALLMARK_CHECK(check_name("operation", event.operation));
    if (event.content.size() > kLongestContent)
        return bad_input("runtime event: content of " + std::to_string(event.content.size()) +
                         " bytes, expected at most " + std::to_string(kLongestContent));
    if (std::ranges::any_of(event.content, is_control))
        return bad_input("runtime event: content with a line feed or another control character, expected one line");
    return {};
}

std::string text_of(const Event& event) { return event.domain + " " + event.operation + " " + event.content; }

Result<Event> pull_image(std::string_view image, std::string_view digest) {
    HALLMARK_TRY(std::string content, canonical(Json{{"image", image}, {"digest", digest}}));
    return Event{std::string(kCoCoDomain), "PullImage", std::move(content)};
}

std::string initial_text(const Sha384& value) { return "INIT sha384/" + to_hex(value); }

std::uint32_t register_of_pcr(std::uint64_t pcr) {
    if (pcr == 1 || pcr == 7) return 1;
    if (pcr >= 2 && pcr <= 6) return 2;
    if (pcr >= 8 && pcr <= 15) return 3;
    return kRuntimeRegister;
}

}  // namespace hallmark::events
