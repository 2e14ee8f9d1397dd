// SPDX-License-Identifier: Apache-2.0
#include "boot/simulated/tdx/compare.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "boot/run/line.hpp"
#include "common/formats/runtime_event.hpp"

namespace hallmark::boot {
namespace {

using tdx::Register;

constexpr std::array kFirmwareRegisters = {Register::kRtmr0, Register::kRtmr1, Register::kRtmr2};
constexpr const char* kSinglePass = "single_pass";

Verdict verdict_of(const std::optional<Sha384>& predicted, const Sha384& observed) {
    if (!predicted) return Verdict::kNotPredicted;
    return *predicted == observed ? Verdict::kEqual : Verdict::kDiffers;
}

Compared mrtd(const char* order, const Sha384& predicted, const Sha384& observed) {
    return {std::string("mrtd.") + order, "the firmware as it lay in memory before the first instruction", predicted,
            observed, verdict_of(predicted, observed)};
}

/// A predicted event, and what was extended in its place.
Compared compare_event(const tdx::Event& predicted, const Extension& observed) {
    Compared compared{predicted.name, predicted.what, predicted.digest, observed.digest, Verdict::kDiffers};
    if (predicted.type != observed.type)
        compared.what = event_log::event_type_name(observed.type) + " in the place of " +
                        event_log::event_type_name(predicted.type) + ": " + predicted.what;
    else
        compared.verdict = verdict_of(predicted.digest, observed.digest);
    return compared;
}

std::vector<Compared> compare_events(const std::vector<tdx::Event>& predicted, const std::vector<Extension>& observed,
                                     Register where) {
    std::vector<Compared> events;
    auto expected = predicted.begin();
    for (const auto& extension : observed) {
        if (extension.where != where) continue;
        expected = std::ranges::find(expected, predicted.end(), where, &tdx::Event::where);
        if (expected == predicted.end())
            events.push_back(
                {"", event_log::event_type_name(extension.type), std::nullopt, extension.digest, Verdict::kUnexpected});
        else
            events.push_back(compare_event(*expected++, extension));
    }
    for (; expected != predicted.end(); ++expected)
        if (expected->where == where)
            events.push_back({expected->name, expected->what, expected->digest, std::nullopt, Verdict::kMissing});
    return events;
}

/// A register and all its events: one that isn't predicted as a whole is wrong where one of its events is.
Compared compare_register(const std::optional<Sha384>& predicted, const Sha384& observed, Register where,
                          const std::vector<Compared>& events) {
    const auto equal = std::ranges::count(events, Verdict::kEqual, &Compared::verdict);
    Compared compared{std::string(name_of(where)),
                      std::to_string(equal) + " of " + std::to_string(events.size()) + " events as predicted",
                      predicted, observed, verdict_of(predicted, observed)};
    if (std::ranges::any_of(events, &Compared::wrong)) compared.verdict = Verdict::kDiffers;
    return compared;
}

/// RTMR3 and what the guest logged of it.
void add_runtime(Comparison& comparison, const std::vector<Extension>& runtime) {
    const std::string name(name_of(Register::kRtmr3));
    const Sha384 zero{};
    const Sha384 observed = replay(runtime).at(static_cast<std::size_t>(Register::kRtmr3));
    if (runtime.empty())
        comparison.registers.push_back({name, "no entries in the guest's log", zero, observed, Verdict::kEqual});
    else
        comparison.registers.push_back(
            {name,
             std::to_string(runtime.size()) + (runtime.size() == 1 ? " entry" : " entries") + " in the guest's log",
             std::nullopt, observed, Verdict::kByGuestLog});
    for (std::size_t n = 0; n < runtime.size(); ++n)
        comparison.events.push_back(
            {name,
             {"runtime_" + std::to_string(n + 1), one_line(runtime_event::text_in(runtime.at(n).data).value_or("")),
              std::nullopt, runtime.at(n).digest, Verdict::kByGuestLog}});
}

}  // namespace

Comparison compare(const tdx::Prediction& predicted, const Observed& observed) {
    Comparison comparison;
    comparison.registers.push_back(mrtd(kSinglePass, predicted.single_pass, observed.single_pass));
    comparison.registers.push_back(mrtd("two_pass", predicted.two_pass, observed.two_pass));
    if (!observed.extensions) return comparison;
    const auto values = replay(*observed.extensions);
    for (const auto where : kFirmwareRegisters) {
        const auto index = static_cast<std::size_t>(where);
        const auto events = compare_events(predicted.events, *observed.extensions, where);
        comparison.registers.push_back(
            compare_register(predicted.registers.at(index), values.at(index), where, events));
        for (const auto& event : events) comparison.events.push_back({std::string(name_of(where)), event});
    }
    if (observed.runtime) add_runtime(comparison, *observed.runtime);
    return comparison;
}

void add_quoted(Comparison& comparison, const tdx::QuoteBody& quoted) {
    const auto add = [&](const std::string& name, const Sha384& value) {
        const auto found = std::ranges::find(comparison.registers, name, &Compared::name);
        if (found == comparison.registers.end()) return;
        found->quoted = value;
        if (found->observed != value) found->verdict = Verdict::kDiffers;
    };
    add(std::string("mrtd.") + kSinglePass, quoted.mr_td);  // QEMU since 10.1
    for (std::size_t n = 0; n < quoted.rtmr.size(); ++n)
        add(std::string(name_of(static_cast<Register>(n))), quoted.rtmr.at(n));
}

}  // namespace hallmark::boot
