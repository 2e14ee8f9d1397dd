// SPDX-License-Identifier: Apache-2.0
#include "boot/run/comparison.hpp"

#include <algorithm>

#include "boot/run/line.hpp"
#include "common/hex.hpp"

namespace hallmark::boot {
namespace {

constexpr std::size_t kNameColumn = 38;  // "rtmr1 exit_boot_services_invocation"
constexpr std::size_t kRegisterColumn = 18;
constexpr std::size_t kVerdictColumn = 20;
constexpr std::size_t kShortDigest = 16;  // digits, where many stand below each other

Json digest_json(const std::optional<Sha384>& digest) { return digest ? Json(to_hex(*digest)) : Json(nullptr); }

Json json_of(const Compared& compared) {
    return {{"predicted", digest_json(compared.predicted)},
            {"observed", digest_json(compared.observed)},
            {"verdict", name_of(compared.verdict)},
            {"what", compared.what}};
}

std::string padded(std::string_view text, std::size_t width) {
    std::string column(text);
    column.resize(std::max(width, column.size() + 1), ' ');
    return column;
}

std::string hex_or_dash(const std::optional<Sha384>& digest) { return digest ? to_hex(*digest) : "-"; }

std::string line_of(const Compared& compared) {
    const std::string below = "  " + padded("", kRegisterColumn) + padded("", kVerdictColumn);
    return "  " + padded(compared.name, kRegisterColumn) + padded(name_of(compared.verdict), kVerdictColumn) +
           "predicted " + hex_or_dash(compared.predicted) + "\n" +         //
           below + "measured  " + hex_or_dash(compared.observed) + "\n" +  //
           below + "in quote  " + hex_or_dash(compared.quoted) + "\n";
}

std::string line_of(const ComparedEvent& compared) {
    const auto& event = compared.event;
    return "  " + padded(compared.where + " " + event.name, kNameColumn) +
           padded(name_of(event.verdict), kVerdictColumn) +
           padded(hex_or_dash(event.observed).substr(0, kShortDigest), kShortDigest + 1) + one_line(event.what) + "\n";
}

}  // namespace

std::string_view name_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::kEqual:
            return "equal";
        case Verdict::kDiffers:
            return "differs";
        case Verdict::kNotPredicted:
            return "not predicted";
        case Verdict::kMissing:
            return "missing";
        case Verdict::kUnexpected:
            return "unexpected";
        case Verdict::kByGuestLog:
            return "by the guest's log";
    }
    return "";
}

Json to_json(const Comparison& comparison) {
    Json registers = Json::object();
    for (const auto& compared : comparison.registers) {
        registers[compared.name] = json_of(compared);
        registers[compared.name]["quoted"] = digest_json(compared.quoted);
    }
    Json events = Json::array();
    for (const auto& compared : comparison.events) {
        Json event = json_of(compared.event);
        event["register"] = compared.where;
        event["name"] = compared.event.name;
        events.push_back(std::move(event));
    }
    return {{"registers", std::move(registers)}, {"events", std::move(events)}};
}

std::string to_lines(const Comparison& comparison) {
    std::string lines = "registers\n";
    for (const auto& compared : comparison.registers) lines += line_of(compared);
    if (!comparison.events.empty()) lines += "events\n";
    for (const auto& compared : comparison.events) lines += line_of(compared);
    return lines;
}

}  // namespace hallmark::boot
