// SPDX-License-Identifier: Apache-2.0
#include "measure/tpm/output.hpp"

#include <algorithm>

#include "common/formats/event_replay.hpp"
#include "common/hex.hpp"
#include "measure/tpm/registers.hpp"
#include "measure/trace.hpp"

namespace hallmark::tpm {
namespace {

constexpr std::uint32_t kKernelBoot = 11;

std::string name_of(Algorithm bank) { return std::string(event_log::algorithm_name(bank).value_or("")); }

Json digests(const Event& event, const Selection& selection) {
    Json json = Json::object();
    for (const auto bank : selection.banks) json[name_of(bank)] = to_hex(event.digests.of(bank));
    return json;
}

Json as_json(const Event& event, const Selection& selection) {
    return {{"pcr", event.pcr},
            {"type", event_log::event_type_name(event.type)},
            {"name", event.name},
            {"covers", event.covers},
            {"digests", digests(event, selection)}};
}

Result<Trace> trace_of(const Prediction& prediction, const Selection& selection) {
    Trace trace;
    for (const auto bank : selection.banks) HALLMARK_CHECK(registers(prediction, bank, &trace, selection.pcrs));
    return trace;
}

/// The value of PCR 11 after a path of phases.
Result<Bytes> after_phases(Bytes value, const std::string& path, Algorithm bank) {
    if (path.empty()) return value;
    HALLMARK_TRY(const auto phases, split_phases(path));
    for (const auto& phase : phases) {
        const Digests word = digest(as_bytes(phase));
        HALLMARK_TRY(value, event_log::extend(bank, value, word.of(bank)));
    }
    return value;
}

}  // namespace

bool Selection::has(std::uint32_t pcr) const { return pcrs.empty() || std::ranges::find(pcrs, pcr) != pcrs.end(); }

Result<std::vector<std::string>> split_phases(const std::string& path) {
    std::vector<std::string> phases;
    for (std::size_t begin = 0; begin <= path.size();) {
        const auto end = std::min(path.find(':', begin), path.size());
        if (end == begin)
            return bad_input("phases " + path + ": an empty word, expected enter-initrd:leave-initrd or the like");
        phases.push_back(path.substr(begin, end - begin));
        begin = end + 1;
    }
    return phases;
}

Result<std::string> as_lines(const Prediction& prediction, const Selection& selection) {
    std::string text;
    for (const auto bank : selection.banks) {
        HALLMARK_TRY(const auto values, registers(prediction, bank, nullptr));
        for (const auto& [pcr, value] : values)
            if (selection.has(pcr)) text += std::to_string(pcr) + ":" + name_of(bank) + "=" + to_hex(value) + "\n";
    }
    return text;
}

Result<Json> as_json(const Prediction& prediction, const Selection& selection, bool with_trace) {
    Json json = {{"pcrs", Json::object()}, {"events", Json::array()}};
    for (const auto bank : selection.banks) {
        HALLMARK_TRY(const auto values, registers(prediction, bank, nullptr));
        for (const auto& [pcr, value] : values)
            if (selection.has(pcr)) json["pcrs"][name_of(bank)][std::to_string(pcr)] = to_hex(value);
    }
    for (const auto& event : prediction.events)
        if (selection.has(event.pcr)) json["events"].push_back(as_json(event, selection));
    json["assumptions"] = prediction.assumptions;
    json["not_predicted"] = prediction.not_predicted;
    if (with_trace) {
        HALLMARK_TRY(const Trace trace, trace_of(prediction, selection));
        json["trace"] = trace_json(trace);
    }
    return json;
}

Result<std::string> trace_as_lines(const Prediction& prediction, const Selection& selection) {
    HALLMARK_TRY(const Trace trace, trace_of(prediction, selection));
    return trace_text(trace);
}

Json as_pcrlock(const Prediction& prediction, const Selection& selection) {
    Json records = Json::array();
    for (const auto& event : prediction.events) {
        if (!selection.has(event.pcr)) continue;
        Json list = Json::array();
        for (const auto bank : selection.banks)
            list.push_back({{"hashAlg", name_of(bank)}, {"digest", to_hex(event.digests.of(bank))}});
        records.push_back({{"pcr", event.pcr}, {"digests", std::move(list)}});
    }
    return {{"records", std::move(records)}};
}

Result<Json> as_systemd_measure(const Prediction& prediction, const Selection& selection,
                                const std::vector<std::string>& paths) {
    Json json = Json::object();
    for (const auto bank : selection.banks) {
        HALLMARK_TRY(const auto values, registers(prediction, bank, nullptr));
        Json list = Json::array();
        for (const auto& path : paths) {
            HALLMARK_TRY(const Bytes value, after_phases(values.at(kKernelBoot), path, bank));
            Json entry = Json::object();
            if (!path.empty()) entry["phase"] = path;
            entry["pcr"] = kKernelBoot;
            entry["hash"] = to_hex(value);
            list.push_back(std::move(entry));
        }
        json[name_of(bank)] = std::move(list);
    }
    return json;
}

}  // namespace hallmark::tpm
