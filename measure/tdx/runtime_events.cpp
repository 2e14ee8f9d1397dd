// SPDX-License-Identifier: Apache-2.0
#include "measure/tdx/runtime_events.hpp"

#include <algorithm>
#include <limits>

#include "common/formats/runtime_event.hpp"
#include "common/hex.hpp"

namespace hallmark::tdx {
namespace {

using event_log::EventType;

constexpr std::uint32_t kRegister = 4;  // RTMR3, as logs count them

bool is_digest(std::string_view line) {
    const auto is_digit = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    };
    return line.size() == 2 * Sha384{}.size() && std::ranges::all_of(line, is_digit);
}

/// Two blanks at least, neither of them first: domain, operation and content.
bool is_entry(std::string_view line) {
    const auto first = line.find(' ');
    if (first == 0 || first == std::string_view::npos) return false;
    const auto second = line.find(' ', first + 1);
    return second != std::string_view::npos && second != first + 1 && second + 1 < line.size();
}

/// What a log begins with: the value that the register held then.
constexpr std::string_view kInit = "INIT sha384/";

/// Such an entry is true only of the value that the lines before give.
Status check_init(const EventList& list, std::string_view line) {
    if (!list.takes(Register::kRtmr3)) return {};
    const auto value = replay(list.events(), Register::kRtmr3);
    const auto said = line.substr(kInit.size());
    if (!value || said == to_hex(*value)) return {};
    return bad_input("found INIT of " + std::string(said) + ", expected sha384/" + to_hex(*value) +
                     ", which the lines before it give");
}

Status add_line(EventList& list, std::string_view line, std::size_t number, const std::string& what) {
    const auto name = "runtime_" + std::to_string(number);
    if (is_digest(line)) {
        HALLMARK_TRY(const Bytes bytes, from_hex(line));
        Sha384 digest{};
        std::ranges::copy(bytes, digest.begin());
        list.add(Register::kRtmr3, EventType::kEventTag, name, "a digest that was given", digest);
        return {};
    }
    const bool is_init = line.starts_with(kInit);
    if (is_init) {
        const auto checked = check_init(list, line);
        if (!checked) return std::unexpected(checked.error().at(what + ": line " + std::to_string(number)));
    }
    if ((!is_init && !is_entry(line)) || line.size() > std::numeric_limits<std::uint16_t>::max())
        return bad_input(
            what + ": line " + std::to_string(number) +
            ": expected 96 hexadecimal digits, or an entry 'DOMAIN OPERATION CONTENT' or 'INIT sha384/HEX'");
    list.add(Register::kRtmr3, EventType::kEventTag, name, "AAEL: " + std::string(line),
             runtime_event::record_of(kRegister, line).digest);
    return {};
}

}  // namespace

Status add_runtime_events(EventList& list, std::string_view lines, const std::string& what) {
    for (std::size_t number = 1; !lines.empty(); ++number) {
        const auto line = lines.substr(0, lines.find('\n'));
        lines.remove_prefix(std::min(line.size() + 1, lines.size()));
        if (!line.empty()) HALLMARK_CHECK(add_line(list, line, number, what));
    }
    return {};
}

}  // namespace hallmark::tdx
